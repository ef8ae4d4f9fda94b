import type { PanelServices } from '../panel-kinds';
import { cachedFile } from '../results-reader';
import type { PanelSource } from '../source';

/** Makes the function that gives the measured points, as JSON. */
export function spiderMapSnapshots({ results, experimentDirectory, settings }: PanelSource, { analyst }: PanelServices): () => Promise<string> {
  const derive = cachedFile((file) => analyst.run({ kind: 'spider-map' as const, results: file, experimentDirectory, settings }));
  return () => derive(results);
}
