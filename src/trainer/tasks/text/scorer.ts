import { SoupError } from '../../../errors';
import { parseExpression, type CompiledExpression } from '../../../experiment/expression';
import { metricNames } from '../../../experiment/metrics';
import type { TextMetricName } from '../../../experiment/text-metrics';
import type { OpenBackend } from '../../backend/backend';
import type { EpisodeScore, NamedExpressions } from '../../episodes';
import type { SweepJob, TextTrainJob } from '../../../runs/run-record';
import { openDeclaredMetric } from '../../metrics/declared/registry';
import type { Measure, Prompt, TextSample } from '../../metrics/metric';
import { builtinMetrics } from '../../metrics/registry';
import { compileRewards } from '../../train';

/** Rewards and metrics of samples, and what the run maximises. */
export interface Scores {
  readonly samples: readonly EpisodeScore[];
  /** [samples] */
  readonly objective: Float64Array;
}

/** measured in every training, for they cost nothing */
const always: readonly TextMetricName[] = ['length', 'kl'];

export interface ScorerOptions {
  readonly job: Pick<TextTrainJob, 'task' | 'rewards' | 'metrics'> | Pick<SweepJob, 'task' | 'rewards' | 'metrics'>;
  /** what is maximised; null while evaluating */
  readonly objective: string | null;
  /** every prompt that samples come from */
  readonly corpus: readonly Prompt[];
  /** `mentioned`: what rewards and objective name; `all`: whatever the prompts allow */
  readonly metrics: 'mentioned' | 'all';
  readonly backend: OpenBackend;
}

/** Measures continuations, and puts rewards together from what was measured. */
export class TextScorer {
  private constructor(
    private readonly measures: ReadonlyMap<string, Measure>,
    private readonly rewards: NamedExpressions,
    private readonly objective: CompiledExpression | null,
  ) {}

  /**
   * @throws SoupError MissingFieldError where a metric needs a field that a prompt lacks, and the errors of opening
   * declared metrics
   */
  static async open({ job, objective, corpus, metrics, backend }: ScorerOptions): Promise<TextScorer> {
    const rewards = compileRewards(job);
    const goal = objective === null ? null : parseExpression(objective, metricNames(job));
    const mentioned = new Set<string>([...always, ...Object.values(rewards).flatMap(({ names }) => names), ...(goal?.names ?? [])]);
    const measures = new Map<string, Measure>();
    for (const [name, metric] of Object.entries(builtinMetrics)) {
      const lacking = metric.needs === undefined ? -1 : corpus.findIndex((prompt) => (metric.needs === 'reference' ? prompt.references.length === 0 : prompt.source === null));
      if (mentioned.has(name) && lacking >= 0) throw missingField(name, metric.needs!, corpus[lacking]!);
      if (!mentioned.has(name) && (metrics === 'mentioned' || lacking >= 0)) continue;
      const measure = metric.open(corpus);
      measures.set(name, (samples) => samples.map(measure));
    }
    for (const [name, declared] of Object.entries(job.metrics ?? {})) {
      if (mentioned.has(name) || metrics === 'all') measures.set(name, await openDeclaredMetric(name, declared, backend));
    }
    return new TextScorer(measures, rewards, goal);
  }

  /**
   * @param progress of the training, 0 … 1
   * @throws SoupError RewardNotFiniteError, and what declared metrics throw
   */
  async score(samples: readonly TextSample[], progress: number): Promise<Scores> {
    const columns = new Map<string, ArrayLike<number>>();
    for (const [name, measure] of this.measures) columns.set(name, await measure(samples));
    const objective = new Float64Array(samples.length);
    const scores = samples.map((sample, k): EpisodeScore => {
      const metric = Object.fromEntries([...columns].map(([name, values]) => [name, values[k]!]));
      const scope = { ...metric, progress };
      const reward = Object.fromEntries(Object.entries(this.rewards).map(([name, expression]) => [name, finite(name, expression, scope, sample)]));
      if (this.objective) objective[k] = finite('the objective', this.objective, scope, sample);
      return { reward, metric };
    });
    return { samples: scores, objective };
  }
}

function finite(name: string, { text, names, evaluate }: CompiledExpression, scope: Readonly<Record<string, number>>, sample: TextSample): number {
  const value = evaluate(scope);
  if (Number.isFinite(value)) return value;
  const values = names.map((metric) => `${metric} = ${scope[metric]}`).join(', ');
  throw new SoupError('RewardNotFiniteError', `${name} (\`${text}\`) is ${value} for the continuation ${JSON.stringify(sample.text.slice(0, 80))}, where ${values}: guard divisions and logarithms, for instance with max(…, 1e-3).`, { isInput: false });
}

function missingField(metric: string, field: string, { prompt }: Prompt): SoupError {
  return new SoupError('MissingFieldError', `${metric} needs the field "${field}" of every prompt, and ${JSON.stringify(prompt.slice(0, 60))} has none: add it to the prompts file (.jsonl), or take another metric.`);
}
