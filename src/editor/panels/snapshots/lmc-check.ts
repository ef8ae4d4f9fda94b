import path from 'node:path';
import { readRunRecord } from '../../../runs/run-directory';
import { jsonJoined } from '../message-queue';
import type { PanelServices } from '../panel-kinds';
import { cachedFile } from '../results-reader';
import type { PanelSource } from '../source';

/** Makes the function that checks linear mode connectivity, as JSON; the check runs again only when the results have grown. */
export function lmcCheckSnapshots({ settings, experimentDirectory, results }: PanelSource, { analyst }: PanelServices): () => Promise<string> {
  const derive = cachedFile((file) => analyst.run({ kind: 'lmc-check' as const, results: file, experimentDirectory, settings }));
  return async () => {
    const sweep = experimentDirectory === null ? null : await readRunRecord(path.join(experimentDirectory, 'sweep'));
    return jsonJoined({ planned: sweep?.totalSteps ?? null, alpha: settings.check.alpha }, await derive(results));
  };
}
