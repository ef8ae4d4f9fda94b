import { hypervolume } from './hypervolume';
import type { Compute, ResultPoint } from './results';

/** Soups against scalarised runs that cost no more, in environment steps (prompts, for text). */
export interface EqualCompute {
  /** what the experts' trainings and the evaluation of experts and soups took */
  readonly soup: { readonly trainings: number; readonly points: number; readonly compute: number; readonly hypervolume: number };
  /** the best that scalarised runs reach within that, chosen in hindsight: the choice that favours MORL most */
  readonly morl: { readonly trainings: number; readonly compute: number; readonly hypervolume: number };
  /** fewest scalarised runs, again the best ones, that reach the soups' volume; null where all that were trained do not */
  readonly runsToMatch: number | null;
  /** compute of every scalarised run that was trained, the experts among them */
  readonly allMorl: { readonly trainings: number; readonly compute: number; readonly hypervolume: number };
}

interface Run {
  readonly values: readonly number[];
  readonly compute: number;
}

/** Every subset of up to this many runs is tried; of more, runs are added one by one, the best first. */
const exhaustiveRuns = 14;

/**
 * Compares fronts at equal compute. An expert is the scalarised run with all weight on its reward, so experts count as
 * runs that MORL may use, at their cost. The base is shared and counts for neither side. A soup costs its evaluation
 * alone. Null where the compute of an expert or a MORL run is not known, or there is no MORL run.
 * @param reference [rewards], the same for all volumes
 */
export function equalCompute(points: readonly ResultPoint[], rewards: readonly string[], reference: readonly number[]): EqualCompute | null {
  const ofKind = (kind: ResultPoint['kind']) => points.filter((point) => point.kind === kind);
  const [experts, soups, morl] = [ofKind('expert'), ofKind('soup'), ofKind('morl')];
  if (morl.length === 0 || experts.length === 0 || [...experts, ...morl].some(({ compute }) => compute === undefined)) return null;
  const valuesOf = (point: ResultPoint) => rewards.map((reward) => point.rewards[reward].mean);
  const total = (of: readonly ResultPoint[]) => of.reduce((sum, { compute }) => sum + costOf(compute), 0);
  const volume = (of: readonly Run[]) => hypervolume(of.map(({ values }) => values), reference);
  const runs = [...experts, ...morl].map((point): Run => ({ values: valuesOf(point), compute: costOf(point.compute) }));
  const soup = { trainings: experts.length, points: soups.length, compute: total([...experts, ...soups]), hypervolume: hypervolume([...experts, ...soups].map(valuesOf), reference) };

  const choices = runs.length <= exhaustiveRuns ? subsets(runs) : greedy(runs, volume);
  const rated = choices.map((choice) => ({ trainings: choice.length, compute: choice.reduce((sum, { compute }) => sum + compute, 0), hypervolume: volume(choice) }));
  const affordable = rated.filter(({ compute }) => compute <= soup.compute);
  const best = affordable.reduce((top, choice) => (choice.hypervolume > top.hypervolume ? choice : top), { trainings: 0, compute: 0, hypervolume: 0 });
  const matching = rated.filter((choice) => choice.hypervolume >= soup.hypervolume).map(({ trainings }) => trainings);
  return { soup, morl: best, runsToMatch: matching.length === 0 ? null : Math.min(...matching), allMorl: { trainings: runs.length, compute: total([...experts, ...morl]), hypervolume: volume(runs) } };
}

const costOf = (compute: Compute | undefined): number => (compute?.training ?? 0) + (compute?.evaluation ?? 0);

function subsets(runs: readonly Run[]): Run[][] {
  return Array.from({ length: 2 ** runs.length }, (_, mask) => runs.filter((_, index) => mask & (1 << index)));
}

/** The run that adds most volume for its compute, again and again. */
function greedy(runs: readonly Run[], volume: (of: readonly Run[]) => number): Run[][] {
  const choices: Run[][] = [[]];
  for (let left = [...runs]; left.length > 0; ) {
    const chosen = choices.at(-1)!;
    const gain = (run: Run) => (volume([...chosen, run]) - volume(chosen)) / Math.max(run.compute, Number.MIN_VALUE);
    const next = left.reduce((best, run) => (gain(run) > gain(best) ? run : best));
    choices.push([...chosen, next]);
    left = left.filter((run) => run !== next);
  }
  return choices;
}
