import * as l10n from '@vscode/l10n';
import type { StreamOptions } from '../../checkpoint/statistics';
import type { CheckpointWorker } from '../../checkpoint/worker/work';
import type { ShownDistance, ToBlendPanel } from '../../protocol/blend-panel';

export interface MeasuredInput {
  readonly path: string;
  readonly name: string;
  readonly isAdapter: boolean;
}

/** The expert that distances are from where there is no base: the first; null for the base. */
export function distancesFrom(inputs: readonly MeasuredInput[], base: string | null): string | null {
  return base === null ? inputs[0]!.name : null;
}

/** How far each expert is from the base; without a base, from the first of them. Adapters stand applied to the base. */
export async function measureDistances(inputs: readonly MeasuredInput[], base: string | null, worker: CheckpointWorker, { signal, onProgress }: StreamOptions): Promise<Extract<ToBlendPanel, { readonly type: 'distances' }>> {
  const experts = inputs.filter(({ path }) => path !== base);
  const [first] = experts;
  const from = distancesFrom(inputs, base);
  if (base === null && inputs.some(({ isAdapter }) => isAdapter)) return { type: 'distances', from, distances: [], problem: l10n.t('Distances of adapters are measured from their base: choose it first.') };
  const measured = base === null ? experts.slice(1) : experts;
  const distances: ShownDistance[] = [];
  for (const [index, { path, name, isAdapter }] of measured.entries()) {
    const { total, notFinite } = await worker.run(
      { kind: 'difference', checkpoint: isAdapter ? `${base}+${path}` : path, reference: base ?? first!.path, base: null },
      { signal, onProgress: (fraction) => onProgress?.((index + fraction) / measured.length) },
    );
    distances.push(notFinite === null ? { name, notFinite, relative: total.relative, cosine: total.cosine } : { name, notFinite, relative: null, cosine: null });
  }
  return { type: 'distances', from, distances, problem: null };
}
