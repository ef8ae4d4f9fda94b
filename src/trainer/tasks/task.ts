import type { RandomStream } from '../random';

/** A control task: what a policy sees, what it may do and what is measured. Opening one makes the environments. */
export interface ControlTask {
  readonly name: string;
  readonly observationSize: number;
  readonly actionSize: number;
  /** per-step metrics, in the order of `Environments.metrics` */
  readonly metrics: readonly string[];
  /** seconds of simulated time between two actions */
  readonly controlSeconds: number;
  open(count: number): Promise<Environments>;
}

/**
 * `count` copies of one task, stepped side by side in this process. The arrays are owned by the environments and
 * overwritten by `reset` and `step`: copy what you keep. Time limits and resets are the caller's business.
 */
export interface Environments {
  readonly count: number;
  /** [count, observationSize] */
  readonly observations: Float64Array;
  /** metrics of the last step, [count, metrics.length] */
  readonly metrics: Float64Array;
  /** 1 where the last step ended the episode (a fall), [count] */
  readonly terminated: Uint8Array;
  /** Starts a new episode of one environment, drawing the reset noise from `random`. */
  reset(index: number, random: RandomStream): void;
  /** One control step of every environment, or of those with `active[i]` = 1. Actions are clipped to [−1, 1]. */
  step(actions: Float32Array, active?: Uint8Array): void;
  /** The physics state of one environment, enough to continue it bit for bit. */
  saveState(index: number): number[];
  restoreState(index: number, state: readonly number[]): void;
  close(): void;
}
