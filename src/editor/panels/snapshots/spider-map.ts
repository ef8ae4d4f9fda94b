import type { SnapshotOf } from '../../../protocol/panels';
import type { PanelServices } from '../panel-kinds';
import { cachedFile } from '../results-reader';
import type { PanelSource } from '../source';

/** Makes the function that gives the measured points. */
export function spiderMapSnapshots({ results, experimentDirectory, settings }: PanelSource, { analyst }: PanelServices): () => Promise<SnapshotOf['spider-map']> {
  const derive = cachedFile((file) => analyst.run({ kind: 'spider-map' as const, results: file, experimentDirectory, settings }));
  return () => derive(results);
}
