import type { Finding, StudyReport } from '../studies/study';
import { isCount, isEither, isFlag, isFraction, isListOf, isMeasured, isNullOr, isObject, isOneOf, isOptional, isPairOf, isSuch, isText } from './check';

/** Parts of a whole that are done. */
export interface Share {
  readonly done: number;
  readonly of: number;
}

/** A finding in words, in which its estimate stands. */
export type StudyFinding = Omit<Finding, 'estimate'>;

/** A study as far as it is measured: what it says to the seeds of which every cell is. */
export interface StudySnapshot {
  /** such as `lmc-stress` */
  readonly type: string;
  /** what it asks, in a sentence */
  readonly question: string;
  /** null until every cell of one seed is measured */
  readonly report: { readonly findings: readonly StudyFinding[]; readonly sections: StudyReport['sections'] } | null;
  readonly seeds: Share;
  /** cells under a seed each */
  readonly cells: Share;
  /** points of all sweeps */
  readonly points: Share;
  /** level of intervals is 1 − alpha */
  readonly alpha: number;
}

type Report = NonNullable<StudySnapshot['report']>;
type Section = Report['sections'][number];
type Chart = Section['chart'];
type Intervals = Extract<Chart, { readonly type: 'intervals' }>;
type Fronts = Extract<Chart, { readonly type: 'fronts' }>;

const isShare = isObject<Share>({ done: isCount, of: isCount });
const isFinding = isObject<StudyFinding>({ question: isText, answer: isOneOf('yes', 'no', 'undecided'), evidence: isText });
const isIntervals = isObject<Intervals>({
  type: isOneOf('intervals'),
  points: isListOf(isObject<Intervals['points'][number]>({ x: isEither(isMeasured, isText), y: isMeasured, low: isOptional(isNullOr(isMeasured)), high: isOptional(isNullOr(isMeasured)), series: isText })),
  title: isText, xTitle: isText, yTitle: isText,
  reference: isOptional(isMeasured), isLine: isOptional(isFlag), isLogarithmic: isOptional(isFlag), format: isOptional(isText),
});
const isFronts = isObject<Fronts>({
  type: isOneOf('fronts'),
  points: isListOf(isObject<Fronts['points'][number]>({ panel: isText, series: isText, name: isText, first: isMeasured, second: isMeasured, isOnFront: isFlag, isMarked: isOptional(isFlag) })),
  rewards: isPairOf(isText, isText),
  title: isText,
});
const isReport = isObject<Report>({
  findings: isListOf(isFinding),
  sections: isListOf(isObject<Section>({ heading: isText, note: isText, chart: isEither(isIntervals, isFronts), table: isListOf(isListOf(isText)) })),
});

/** Whether a value is what the panel of studies shows. */
export const isStudySnapshot = isSuch(
  isObject<StudySnapshot>({ type: isText, question: isText, report: isNullOr(isReport), seeds: isShare, cells: isShare, points: isShare, alpha: isFraction }),
  ({ report, seeds }) => report === null || seeds.of > 0);
