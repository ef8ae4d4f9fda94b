import type { CompiledExpression } from '../experiment/expression';
import type { ControlTask, Environments } from './tasks/task';

export type NamedExpressions = Readonly<Record<string, CompiledExpression>>;

/** Rewards and metrics of one finished episode: sums over its steps divided by the horizon. */
export interface EpisodeScore {
  readonly reward: Readonly<Record<string, number>>;
  readonly metric: Readonly<Record<string, number>>;
}

/**
 * Adds up what each environment earns in its current episode. Averages are over the whole horizon, `episodeSteps`:
 * steps after a fall count 0, so falling early costs.
 */
export class EpisodeLedger {
  /** [count, rewards then metrics] */
  readonly sums: Float64Array;
  /** steps taken in the current episode, [count] */
  readonly steps: Int32Array;
  private readonly names: readonly string[];
  private readonly rewards: readonly CompiledExpression[];
  private readonly width: number;

  constructor(private readonly task: ControlTask, rewards: NamedExpressions, private readonly episodeSteps: number, count: number) {
    this.names = Object.keys(rewards);
    this.rewards = Object.values(rewards);
    this.width = this.names.length + task.metrics.length;
    this.sums = new Float64Array(count * this.width);
    this.steps = new Int32Array(count);
  }

  /** Adds the last step of one environment. `scope` holds its metrics and `progress`, as `metricScope` fills it. */
  add(index: number, scope: Record<string, number>): void {
    const at = index * this.width;
    for (let i = 0; i < this.rewards.length; i++) this.sums[at + i]! += this.rewards[i]!.evaluate(scope);
    for (let i = 0; i < this.task.metrics.length; i++) this.sums[at + this.rewards.length + i]! += scope[this.task.metrics[i]!]!;
    this.steps[index]! += 1;
  }

  isAtHorizon(index: number): boolean {
    return this.steps[index]! >= this.episodeSteps;
  }

  /** Closes the episode of one environment: its score; the next one starts from 0. */
  finish(index: number): EpisodeScore {
    const values = this.sums.slice(index * this.width, (index + 1) * this.width).map((sum) => sum / this.episodeSteps);
    this.sums.fill(0, index * this.width, (index + 1) * this.width);
    this.steps[index] = 0;
    return {
      reward: Object.fromEntries(this.names.map((name, i) => [name, values[i]!])),
      metric: Object.fromEntries(this.task.metrics.map((name, i) => [name, values[this.names.length + i]!])),
    };
  }
}

/** Writes the metrics of one environment's last step into `scope`, which expressions are evaluated in. */
export function metricScope(task: ControlTask, environments: Environments, index: number, scope: Record<string, number>): Record<string, number> {
  for (let i = 0; i < task.metrics.length; i++) scope[task.metrics[i]!] = environments.metrics[index * task.metrics.length + i]!;
  return scope;
}

/** Means over episodes, name by name; null where no episode has finished. */
export function meanScore(episodes: readonly EpisodeScore[]): EpisodeScore | null {
  if (episodes.length === 0) return null;
  const mean = (kind: keyof EpisodeScore) =>
    Object.fromEntries(Object.keys(episodes[0]![kind]).map((name) => [name, episodes.reduce((sum, episode) => sum + episode[kind][name]!, 0) / episodes.length]));
  return { reward: mean('reward'), metric: mean('metric') };
}
