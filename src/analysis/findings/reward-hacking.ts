import { parseExpression } from '../../experiment/expression';
import type { Evidence, Finding } from '../diagnosis';
import { spread } from '../mean-inference';
import { number } from '../verdict-text';

/** What a training logged, and the expression over metrics that it maximised. */
export interface TrainingHistory {
  readonly name: string;
  readonly objective: string;
  /** every reward of the experiment as an expression over metrics */
  readonly rewards: Readonly<Record<string, string>>;
  /** which way a metric gets better, where that is known */
  readonly better?: Readonly<Record<string, 'higher' | 'lower'>>;
  readonly rows: readonly { readonly step: number; readonly reward?: Readonly<Record<string, number>>; readonly metric?: Readonly<Record<string, number>> }[];
}

/** Rows that are needed before a trend is read, and the share of them at each end that it is read from. */
const leastRows = 20;
const endShare = 0.2;
/** Standard errors that a change has to exceed; logged rows depend on each other, so more than two. */
const clearChange = 4;

/**
 * Reward hacking (Goodhart's law; Gao et al. 2023): the optimised reward went on rising while something that it does not
 * mention got worse. A metric counts where it got worse at all (where it fell, if it is not known which way it is better);
 * another reward, which may fall because the rewards conflict, only where it rose first and then lost what it had gained.
 */
export function rewardHacking({ histories = [] }: Evidence): Finding[] {
  return histories.flatMap((history): Finding[] => {
    const { name, objective, rows } = history;
    if (rows.length < leastRows) return [];
    const optimised = objectiveValues(history);
    const half = optimised && change(optimised.slice(optimised.length >> 1));
    const whole = optimised && change(optimised);
    if (!whole || whole.size <= clearChange) return [];
    const beside = [
      ...metricsBeside(history).map((metric) => ({ label: `the metric ${metric}`, values: column(history, 'metric', metric), sign: history.better?.[metric] === 'lower' ? -1 : 1, isKnown: history.better?.[metric] !== undefined, from: 0 })),
      ...rewardsBeside(history).map((reward) => ({ label: `the reward ${reward}`, values: column(history, 'reward', reward), sign: 1, isKnown: true, from: null })),
    ];
    const worse = beside.flatMap(({ label, values, sign, isKnown, from }) => {
      const start = values && (from ?? peakOf(values));
      if (!values || start === null) return [];
      const turn = change(values.slice(start));
      // rewards may conflict: one beside counts only if all it gained is lost, and the optimised one still rose meanwhile
      const isHacked = from !== null || ((half?.size ?? 0) > clearChange && (turn?.last ?? Infinity) < values[0]);
      return turn && sign * turn.size < -clearChange && isHacked ? [{ isKnown, text: `${label} ${sign > 0 ? 'fell' : 'rose'} from ${number(turn.first)} to ${number(turn.last)}` }] : [];
    });
    if (worse.length === 0) return [];
    return [{ kind: 'reward-hacking', severity: 'warning', evidence: `${name}: what it maximises (${objective}) rose from ${number(whole.first)} to ${number(whole.last)} while ${worse.map(({ text }) => text).join(' and ')}`, advice: `${worse.some(({ isKnown }) => isKnown) ? '' : 'if that is worse, '}put it into the reward or hold the policy nearer to the base with more KL, and take the checkpoint before the turn` }];
  });
}

interface Change {
  readonly first: number;
  readonly last: number;
  /** in standard errors */
  readonly size: number;
}

/** From the first to the last fifth; null with too few values. */
function change(values: readonly number[]): Change | null {
  const count = Math.floor(values.length * endShare);
  if (count < 2) return null;
  const [early, late] = [spread(values.slice(0, count)), spread(values.slice(-count))];
  const error = Math.sqrt((early.deviation ** 2 + late.deviation ** 2) / count);
  const difference = late.mean - early.mean;
  return { first: early.mean, last: late.mean, size: error > 0 ? difference / error : difference === 0 ? 0 : Math.sign(difference) * Infinity };
}

/** Index from which a series that rose first fell; null where it did not rise. */
function peakOf(values: readonly number[]): number | null {
  const window = Math.max(2, Math.floor(values.length * endShare * 0.5));
  const smooth = values.map((_, index) => spread(values.slice(Math.max(0, index - window), index + window + 1)).mean);
  const peak = smooth.indexOf(Math.max(...smooth));
  const rise = change(values.slice(0, peak + 1));
  return rise && rise.size > clearChange ? peak : null;
}

function objectiveValues({ objective, rows }: TrainingHistory): number[] | null {
  const known = [...Object.keys(rows[0].metric ?? {}), ...Object.keys(rows[0].reward ?? {}), 'progress'];
  try {
    const { evaluate } = parseExpression(objective, known);
    const last = rows.at(-1)!.step || 1;
    const values = rows.map(({ metric, reward, step }) => evaluate({ progress: step / last, ...metric, ...reward }));
    return values.every(Number.isFinite) ? values : null;
  } catch {
    return null; // an objective over what was not logged has no curve to read
  }
}

function column({ rows }: TrainingHistory, kind: 'metric' | 'reward', name: string): number[] | null {
  const values = rows.map((row) => row[kind]?.[name] ?? NaN);
  return values.every(Number.isFinite) ? values : null;
}

const mentions = (expression: string, name: string): boolean => new RegExp(`(?<![\\w.])${name}(?!\\w)`).test(expression);

/** Metrics that no reward of the experiment mentions: nobody asked for them, so nobody watches them. */
function metricsBeside({ rows, rewards, objective }: TrainingHistory): string[] {
  return Object.keys(rows[0].metric ?? {}).filter((metric) => ![objective, ...Object.values(rewards)].some((expression) => mentions(expression, metric)));
}

function rewardsBeside({ rows, rewards, objective }: TrainingHistory): string[] {
  return Object.keys(rows[0].reward ?? {}).filter((reward) => rewards[reward] !== objective && !mentions(objective, reward));
}
