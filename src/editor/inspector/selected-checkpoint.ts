import path from 'node:path';
import { holdsWeights } from '../../checkpoint/checkpoint';
import type { PanelSelection } from '../../protocol/panels';
import { listRuns } from '../../runs/run-directory';
import type { CheckpointIndex } from '../checkpoint-tree/checkpoint-index';

/**
 * The checkpoint of an experiment that a selection inside a panel means: a run's weights, an expert where λ is all
 * its own, else the soup with this λ. Null where there is none on the disk.
 * @param experiment `runs/<name>`
 */
export async function selectedCheckpoint(experiment: string, selection: PanelSelection, index: Pick<CheckpointIndex, 'loaded'>): Promise<string | null> {
  // what is not on this disk is known from the index alone
  const isThere = async (directory: string): Promise<boolean> => (await holdsWeights(directory)) || (await index.loaded()).some(({ path: at }) => at === directory);
  if ('run' in selection) {
    const found = (await listRuns(experiment)).find(({ record }) => record.name === selection.run);
    return found && (await isThere(found.directory)) ? found.directory : null;
  }
  const involved = Object.entries(selection.weights).filter(([, weight]) => weight !== 0);
  if (involved.length === 1) {
    const expert = path.join(experiment, 'experts', involved[0]![0]);
    return (await isThere(expert)) ? expert : null;
  }
  const soup = (await index.loaded()).find((entry) => !('type' in entry) && entry.weights !== null && entry.path.startsWith(experiment + path.sep) && areEqual(entry.weights, selection.weights));
  return soup?.path ?? null;
}

/** A soup's λ is noted with the digits that it was asked for; a sweep's may be thirds. */
function areEqual(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): boolean {
  return [...Object.keys(a), ...Object.keys(b)].every((name) => Math.abs((a[name] ?? 0) - (b[name] ?? 0)) < 1e-4);
}
