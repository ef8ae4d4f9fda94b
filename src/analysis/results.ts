import type { Interval } from './bootstrap';
import type { EqualCompute } from './equal-compute';
import type { HypervolumeIntervals } from './front-intervals';
import type { FrontComparison } from './indicators';
import type { SecondDifferences } from './second-differences';
import type { Region } from './simplex';

/** A point of weight space that was evaluated: the start, an expert, a soup of experts, or a scalarised (MORL) run. */
export type PointKind = 'init' | 'expert' | 'soup' | 'morl';

/** What was measured of one reward or metric at one point. `samples[k]` of every point share seed or prompt k. */
export interface Measurement {
  readonly mean: number;
  readonly stderr?: number;
  readonly n?: number;
  readonly samples?: readonly number[];
}

/** One line of `sweep/results.jsonl`. `weights` is keyed by expert name and lies on the simplex; null for init. */
export interface ResultPoint {
  readonly kind: PointKind;
  readonly name: string;
  readonly weights: Readonly<Record<string, number>> | null;
  readonly rewards: Readonly<Record<string, Measurement>>;
  /** the metrics that the rewards are made of, where the evaluator measured them */
  readonly metrics?: Readonly<Record<string, Measurement>>;
  readonly compute?: Compute;
  /** of a soup: the ensemble of its experts' predictions on the same samples, where the sweep evaluated it */
  readonly ensemble?: { readonly rewards: Readonly<Record<string, Measurement>>; readonly kl: Measurement };
}

/** What a point cost, in environment steps (prompts, for text): its own training beyond the shared base, and its evaluation. */
export interface Compute {
  readonly training: number;
  readonly evaluation: number;
}

export type Verdict = 'holds' | 'violated' | 'inconclusive';

/** One λ of the LMC check. Intervals and p-values are null where the results carry no paired samples. */
export interface LmcPoint {
  readonly weights: Readonly<Record<string, number>>;
  readonly region: Region;
  readonly value: number;
  readonly chord: number;
  readonly margin: number;
  /** interval of the margin that goes with the test (`meanInterval`), which holds the truth as often as it says */
  readonly ci: Interval | null;
  /** percentile bootstrap interval, too narrow where samples are few */
  readonly percentile: Interval | null;
  /** bias-corrected and accelerated bootstrap interval, the same */
  readonly bca: Interval | null;
  /** one-sided, of "the margin is at least −tolerance" against "below" */
  readonly pValue: number | null;
  /** the same, corrected by Holm over all λ and rewards: at most α is a violation */
  readonly pAdjusted: number | null;
}

/** What the check found on the edges, the faces or in the interior of the simplex. */
export interface RegionLmc {
  readonly points: number;
  /** λ whose estimate lies below the chord by more than the tolerance */
  readonly below: number;
  readonly worst: { readonly weights: Readonly<Record<string, number>>; readonly margin: number };
}

export interface RewardLmc {
  readonly verdict: Verdict;
  readonly points: readonly LmcPoint[];
  readonly worst: { readonly weights: Readonly<Record<string, number>>; readonly margin: number };
  /** paired samples a point that would decide an inconclusive check; null where decided or not estimable */
  readonly samplesToDecide: number | null;
  /** paired samples a point from which intervals and tests err no more often than they say; null where there are as many */
  readonly samplesToTrust: number | null;
  /** λ whose margin is significantly above −tolerance, corrected by Holm; null without paired samples */
  readonly established: number | null;
  readonly regions: Readonly<Partial<Record<Region, RegionLmc>>>;
  /** curvature, shown beside the verdict and no part of it; null where no three λ lie on a line */
  readonly secondDifferences: SecondDifferences | null;
}

/** `soup check --json` */
export interface LmcReport {
  readonly rewards: Readonly<Record<string, RewardLmc>>;
  readonly verdict: Verdict;
}

export interface FrontPoint {
  readonly kind: PointKind;
  readonly name: string;
  readonly weights: Readonly<Record<string, number>> | null;
  readonly rewards: Readonly<Record<string, number>>;
  readonly dominated: boolean;
  readonly dominatedBy: readonly string[];
}

/** `soup front --json`. The soup front is soups and experts together. */
export interface FrontReport {
  readonly reference: Readonly<Record<string, number>>;
  readonly hypervolume: { readonly soup: number; readonly morl: number | null };
  readonly points: readonly FrontPoint[];
  /** null where points carry no paired samples */
  readonly intervals: HypervolumeIntervals | null;
  /** null without MORL runs */
  readonly comparison: FrontComparison | null;
  /** null without MORL runs, or where their compute is not known */
  readonly equalCompute: EqualCompute | null;
}

/** One polygon of the spider map. `normalised` is 0 at `low` of each axis and 1 at `high`, and may lie outside. */
export interface SpiderSeries {
  readonly kind: PointKind;
  readonly name: string;
  readonly weights: Readonly<Record<string, number>> | null;
  readonly values: Readonly<Record<string, number>>;
  readonly normalised: Readonly<Record<string, number>>;
}

/** One axis a reward, from init to the best expert; with fewer than three rewards metrics are axes too. */
export interface SpiderMap {
  /** of the metrics, those that are no axes for want of room */
  readonly omittedMetrics: number;
  readonly axes: readonly { readonly name: string; readonly isMetric: boolean; readonly low: number; readonly high: number }[];
  readonly series: readonly SpiderSeries[];
  /** smallest and largest normalised value over all points, shown or not: what a scale has to hold whatever is chosen */
  readonly range: readonly [number, number];
}
