import type { PreviewScore } from '../../protocol/preview';
import { SoupError } from '../../errors';
import type { DeclaredMetric, DeclaredMetrics } from '../../experiment/declared-metrics';
import type { TextMetricName } from '../../experiment/text-metrics';
import type { OpenBackend } from '../backend/backend';
import type { NamedExpressions } from '../episodes';
import { openDeclaredMetric } from '../metrics/declared/registry';
import type { Measure, Prompt, TextSample } from '../metrics/metric';
import { builtinMetrics } from '../metrics/registry';

type Value = number | { readonly problem: string };

/** Metrics that compare with θ₀. */
const ofBase: readonly string[] = ['kl', 'perplexity'] satisfies readonly TextMetricName[];

export interface TextScoresOptions {
  readonly rewards: NamedExpressions;
  readonly metrics: DeclaredMetrics;
  /** every prompt of the experiment; none for a model from elsewhere */
  readonly corpus: readonly Prompt[];
  readonly hasBase: boolean;
  readonly backend: OpenBackend;
}

/**
 * Rewards and metrics of one text. Unlike a training it goes on where something cannot be measured (no reference, a
 * server that is down) and says so beside the name.
 */
export class TextScores {
  private readonly mentioned: ReadonlySet<string>;
  private readonly declared = new Map<string, Measure>();

  constructor(private readonly options: TextScoresOptions) {
    this.mentioned = new Set(Object.values(options.rewards).flatMap(({ names }) => names));
  }

  /** Rewards, then the metrics that they name, then the others that this text has. */
  async score(sample: TextSample): Promise<PreviewScore[]> {
    const values = new Map<string, Value>([...this.builtinValues(sample)]);
    for (const [name, metric] of Object.entries(this.options.metrics)) values.set(name, await this.declaredValue(name, metric, sample));
    const metrics = [...values].sort(([a], [b]) => Number(this.mentioned.has(b)) - Number(this.mentioned.has(a)));
    return [
      ...Object.entries(this.options.rewards).map(([name, { names, evaluate }]) => scoreOf('reward', name, rewardValue(names, evaluate, values))),
      ...metrics.map(([name, value]) => scoreOf('metric', name, value)),
    ];
  }

  private *builtinValues(sample: TextSample): Iterable<[string, Value]> {
    const { corpus, hasBase } = this.options;
    for (const [name, { needs, open }] of Object.entries(builtinMetrics)) {
      const lacks = needs === 'reference' && sample.references.length === 0 ? 'the prompt has no reference'
        : needs === 'source' && sample.source === null ? 'the prompt has no source'
          : !hasBase && ofBase.includes(name) ? 'no base is known to compare with' : null;
      if (lacks === null) yield [name, open(corpus.length > 0 ? corpus : [sample])(sample)];
      else if (this.mentioned.has(name)) yield [name, { problem: lacks }];
    }
  }

  private async declaredValue(name: string, metric: DeclaredMetric, sample: TextSample): Promise<Value> {
    try {
      // whoever watches would rather hear at once that a server is down
      const settings = metric.type === 'server' ? { ...metric, retries: 0 } : metric;
      const measure = this.declared.get(name) ?? (await openDeclaredMetric(name, settings, this.options.backend));
      this.declared.set(name, measure);
      return (await measure([sample]))[0]!;
    } catch (error) {
      if (error instanceof SoupError) return { problem: error.message };
      throw error;
    }
  }
}

function rewardValue(names: readonly string[], evaluate: (scope: Readonly<Record<string, number>>) => number, values: ReadonlyMap<string, Value>): Value {
  const scope: Record<string, number> = { progress: 1 };
  for (const name of names) {
    if (name in scope) continue;
    const value = values.get(name)!;
    if (typeof value !== 'number') return { problem: `${name}: ${value.problem}` };
    scope[name] = value;
  }
  return evaluate(scope);
}

function scoreOf(of: PreviewScore['of'], name: string, value: Value): PreviewScore {
  if (typeof value !== 'number') return { name, of, value: null, interval: null, problem: value.problem };
  return Number.isFinite(value) ? { name, of, value, interval: null, problem: null } : { name, of, value: null, interval: null, problem: `is ${value}` };
}
