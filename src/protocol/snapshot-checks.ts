import type { MeasuredMean } from '../analysis/measured-mean';
import type { SearchAnswer } from '../analysis/preference-search';
import type { FrontPoint, FrontReport, LmcPoint, LmcReport, Measurement, PointKind, RegionLmc, ResultPoint, RewardLmc, Verdict } from '../analysis/results';
import type { Region } from '../analysis/simplex';
import type { RunKind, RunState } from '../runs/run-record';
import { isCount, isFlag, isFraction, isKeyOf, isListOf, isMeasured, isNullOr, isNumber, isObject, isOneOf, isOptional, isPairOf, isRecordOf, isSuch, isText, type Check } from './check';
import type { CurveLine, CurveRun, PanelKind, SnapshotOf } from './panels';
import { isStudySnapshot } from './study';

/*
 * What each panel can draw. A snapshot that is not so is refused as a whole: half of a chart would be a wrong chart.
 */

const isWeights = isRecordOf(isMeasured);
const isInterval = isPairOf(isMeasured, isMeasured);
export const isMeasuredMean = isObject<MeasuredMean>({ mean: isMeasured, ci: isNullOr(isInterval), n: isNullOr(isNumber) });
const isPointKind = isKeyOf<PointKind>({ init: true, expert: true, soup: true, morl: true });
const isAlpha = isOptional(isFraction);
const isNumbers = isListOf(isMeasured);

const isLine = isSuch(isObject<CurveLine>({ step: isNumbers, seconds: isNumbers, samples: isOptional(isNumbers), value: isNumbers }), ({ step, seconds, samples = step, value }) => [step, seconds, samples].every(({ length }) => length === value.length));
const isRun = isObject<CurveRun>({
  name: isText,
  kind: isKeyOf<RunKind>({ experiment: true, base: true, expert: true, morl: true, sweep: true }),
  state: isKeyOf<RunState>({ queued: true, starting: true, running: true, stopping: true, stopped: true, succeeded: true, failed: true, lost: true }),
  backend: isNullOr(isText),
  objective: isNullOr(isText),
  lines: isRecordOf(isLine),
});

const isVerdict = isKeyOf<Verdict>({ holds: true, violated: true, inconclusive: true });
const isRegion = isKeyOf<Region>({ edge: true, face: true, interior: true });
const isWorst = isObject<RewardLmc['worst']>({ weights: isWeights, margin: isMeasured });
const isLmcPoint = isObject<LmcPoint>({
  weights: isWeights, region: isRegion, value: isMeasured, chord: isMeasured, margin: isMeasured,
  ci: isNullOr(isInterval), percentile: isNullOr(isInterval), bca: isNullOr(isInterval), pValue: isNullOr(isFraction), pAdjusted: isNullOr(isFraction),
});
const isRegionLmc = isObject<RegionLmc>({ points: isCount, below: isCount, worst: isWorst });
const isRewardLmc = isObject<RewardLmc>({
  verdict: isVerdict, points: isListOf(isLmcPoint), worst: isWorst, samplesToDecide: isNullOr(isNumber), samplesToTrust: isNullOr(isNumber), established: isNullOr(isCount),
  regions: isObject<Record<Region, RegionLmc | undefined>>({ edge: isOptional(isRegionLmc), face: isOptional(isRegionLmc), interior: isOptional(isRegionLmc) }) as Check<RewardLmc['regions']>,
  secondDifferences: isNullOr(isObject<NonNullable<RewardLmc['secondDifferences']>>({ positive: isCount, total: isCount })),
});

const isMeasurement = isObject<Measurement>({ mean: isMeasured, stderr: isOptional(isNumber), n: isOptional(isNumber), samples: isOptional(isListOf(isNumber)) });
const isMeasurements = isRecordOf(isMeasurement);
const isResultPoint = isObject<Omit<ResultPoint, 'compute' | 'ensemble'>>({ kind: isPointKind, name: isText, weights: isNullOr(isWeights), rewards: isMeasurements, metrics: isOptional(isMeasurements) }) as Check<ResultPoint>;

const isFrontPoint = isObject<FrontPoint>({ kind: isPointKind, name: isText, weights: isNullOr(isWeights), rewards: isRecordOf(isMeasured), dominated: isFlag, dominatedBy: isListOf(isText) });
type Sides = NonNullable<FrontReport['comparison']>['epsilon'];
const isSides = isObject<Sides>({ soup: isNumber, morl: isNumber });
type Difference = NonNullable<NonNullable<FrontReport['intervals']>['difference']>;
type Equal = NonNullable<FrontReport['equalCompute']>;
const isMorlCompute = isObject<Equal['morl']>({ trainings: isNumber, compute: isNumber, hypervolume: isNumber });
const areIntervals = isNullOr(isObject<NonNullable<FrontReport['intervals']>>({ soup: isInterval, morl: isNullOr(isInterval), difference: isNullOr(isObject<Difference>({ estimate: isNumber, ci: isInterval })), resamples: isCount }));
const isFrontReport = isObject<FrontReport>({
  reference: isRecordOf(isMeasured),
  hypervolume: isObject<FrontReport['hypervolume']>({ soup: isMeasured, morl: isNullOr(isMeasured) }),
  points: isListOf(isFrontPoint),
  intervals: areIntervals,
  comparison: isNullOr(isObject<NonNullable<FrontReport['comparison']>>({ igdPlus: isSides, epsilon: isSides })),
  equalCompute: isNullOr(isObject<Equal>({ soup: isObject<Equal['soup']>({ trainings: isNumber, points: isNumber, compute: isNumber, hypervolume: isNumber }), morl: isMorlCompute, runsToMatch: isNullOr(isCount), allMorl: isMorlCompute })),
});
const isAnswer = isObject<SearchAnswer>({
  preference: isText, appliesTo: isOneOf('samples', 'means'), weights: isWeights, name: isText,
  value: isObject<SearchAnswer['value']>({ estimate: isMeasured, ci: isInterval }),
  regret: isNullOr(isObject<NonNullable<SearchAnswer['regret']>>({ expert: isText, estimate: isMeasured, ci: isInterval })),
  samples: isObject<SearchAnswer['samples']>({ searched: isCount, held: isCount }), samplesToTrust: isNullOr(isNumber),
  evaluations: isListOf(isObject<SearchAnswer['evaluations'][number]>({ weights: isWeights, value: isMeasured, stderr: isMeasured, name: isText })),
});

/** Whether a value is what the panel of a kind draws. */
export const snapshotChecks: { readonly [K in PanelKind]: Check<SnapshotOf[K]> } = {
  'reward-curves': isObject<SnapshotOf['reward-curves']>({ runs: isListOf(isRun), rewards: isListOf(isText), quantities: isListOf(isText), unread: isFraction }),
  'lmc-check': isObject<SnapshotOf['lmc-check']>({
    report: isNullOr(isObject<LmcReport>({ rewards: isRecordOf(isRewardLmc), verdict: isVerdict })),
    samplesPerPoint: isNullOr(isMeasured), evaluated: isCount, planned: isNullOr(isCount), alpha: isAlpha,
  }),
  'spider-map': isObject<SnapshotOf['spider-map']>({ points: isListOf(isResultPoint) }),
  front: isSuch(
    isObject<SnapshotOf['front']>({ report: isNullOr(isFrontReport), measured: isOptional(isListOf(isRecordOf(isMeasuredMean))), rewards: isListOf(isText), intervals: isOptional(areIntervals), searches: isOptional(isListOf(isAnswer)), alpha: isAlpha }),
    ({ report, rewards }) => report === null || report.points.every((point) => rewards.every((reward) => Object.hasOwn(point.rewards, reward)))),
  study: isStudySnapshot,
};
