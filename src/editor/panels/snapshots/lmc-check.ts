import path from 'node:path';
import { readRunRecord } from '../../../runs/run-directory';
import type { SnapshotOf } from '../../../protocol/panels';
import type { PanelServices } from '../panel-kinds';
import { cachedFile } from '../results-reader';
import type { PanelSource } from '../source';

/** Makes the function that checks linear mode connectivity; the check runs again only when the results have grown. */
export function lmcCheckSnapshots({ settings, experimentDirectory, results }: PanelSource, { analyst }: PanelServices): () => Promise<SnapshotOf['lmc-check']> {
  const derive = cachedFile((file) => analyst.run({ kind: 'lmc-check' as const, results: file, experimentDirectory, settings }));
  return async () => {
    const sweep = experimentDirectory === null ? null : await readRunRecord(path.join(experimentDirectory, 'sweep'));
    return { ...(await derive(results)), planned: sweep?.totalSteps ?? null, alpha: settings.check.alpha };
  };
}
