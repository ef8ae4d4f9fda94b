import type { PanelServices } from '../panel-kinds';
import { cachedFile } from '../results-reader';
import type { PanelSource } from '../source';

/** Makes the function that gives front and hypervolume of the points measured so far, as JSON. */
export function frontSnapshots({ results, experimentDirectory, settings }: PanelSource, { analyst }: PanelServices): () => Promise<string> {
  const derive = cachedFile((file) => analyst.run({ kind: 'front' as const, results: file, experimentDirectory, settings }));
  return () => derive(results);
}
