import type { PanelServices } from '../panel-kinds';
import type { PanelSource } from '../source';

/** Makes the function that compares the cells of a study, as JSON; what was read before is kept in the worker. */
export function studySnapshots({ path }: PanelSource, { analyst }: PanelServices): () => Promise<string> {
  return () => analyst.run({ kind: 'study' as const, source: path });
}
