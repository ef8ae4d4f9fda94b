import type { Verdict } from '../analysis/results';
import type { Experiment } from '../experiment/schema';
import { marginsOf } from './margins';
import { estimateOverSeeds, signedPercent, type SeedEstimate } from './seed-estimate';
import type { Finding, MeasuredCell } from './study';

/** The margins of one cell over its seeds, and the geometry behind them. Margins are shares of the reward's span. */
export interface CellMargins {
  readonly cell: string;
  /** mean over the inner λ; intervals together hold at the level asked for (Bonferroni over the rewards) */
  readonly byReward: Readonly<Record<string, SeedEstimate>>;
  /** of the reward with the lowest mean */
  readonly lowest: SeedEstimate;
  /** lowest over λ, rewards and seeds */
  readonly worst: number;
  readonly distance: SeedEstimate;
  readonly travel: number;
  readonly cosine: number | null;
  readonly parameters: number;
  readonly runs: readonly { readonly seed: number; readonly distance: number; readonly lowest: number; readonly verdict: Verdict }[];
}

/** Cells in their order of appearance, each over all its seeds. */
export function marginsOverSeeds(measured: readonly MeasuredCell[], { check }: Pick<Experiment, 'check'>, alpha: number): CellMargins[] {
  return [...new Set(measured.map(({ cell }) => cell))].map((cell): CellMargins => {
    const own = measured.filter((one) => one.cell === cell);
    const margins = own.map(({ points, seed }) => marginsOf(points, { ...check, alpha, seed }));
    const rewards = Object.keys(margins[0]!.mean);
    const byReward = Object.fromEntries(rewards.map((reward) => [reward, estimateOverSeeds(margins.map(({ mean }) => mean[reward]!), alpha / rewards.length)]));
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const cosines = own.flatMap(({ geometry }) => geometry.cosine ?? []);
    return {
      cell, byReward,
      lowest: Object.values(byReward).reduce((low, estimate) => (estimate.mean < low.mean ? estimate : low)),
      worst: Math.min(...margins.map(({ worst }) => worst)),
      distance: estimateOverSeeds(own.map(({ geometry }) => geometry.distance), alpha),
      travel: mean(own.map(({ geometry }) => geometry.travel)),
      cosine: cosines.length > 0 ? mean(cosines) : null,
      parameters: own[0]!.geometry.parameters,
      runs: own.map(({ seed, geometry }, index) => ({ seed, distance: geometry.distance, lowest: Math.min(...Object.values(margins[index]!.mean)), verdict: margins[index]!.verdict })),
    };
  });
}

/**
 * Whether a cell is linearly connected: *no* where the whole interval of a reward's mean margin lies below the chord, or the
 * episodes of every seed by themselves show some λ below it (a mean over λ may hide that); *yes* where no mean margin is
 * below it and no seed's check finds one; *undecided* in between. One seed is judged by its episodes alone.
 */
export function marginAnswer({ byReward, runs }: CellMargins): Finding['answer'] {
  const [only, ...others] = runs;
  if (others.length === 0) return ({ holds: 'yes', violated: 'no', inconclusive: 'undecided' } as const)[only!.verdict];
  const estimates = Object.values(byReward);
  if (estimates.some(({ ci }) => ci !== null && ci[1] < 0) || runs.every(({ verdict }) => verdict === 'violated')) return 'no';
  return estimates.every(({ mean }) => mean >= 0) && runs.every(({ verdict }) => verdict === 'holds') ? 'yes' : 'undecided';
}

/** Whether every reward's whole interval lies above the chord: more than no estimate below it. */
export function isEstablished({ byReward }: CellMargins): boolean {
  return Object.values(byReward).every(({ ci }) => ci !== null && ci[0] > 0);
}

export const marginText = signedPercent;
