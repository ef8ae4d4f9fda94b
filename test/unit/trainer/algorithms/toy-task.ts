import type { RandomStream } from '../../../../src/trainer/random';
import type { ControlTask, Environments } from '../../../../src/trainer/tasks/task';

/**
 * A point on a line that an action moves: metric `nearness` is 1 − x². An episode is lost beyond |x| = 3. Small
 * enough that a training takes a second on the slowest backend.
 */
export const toyTask: ControlTask = {
  name: 'toy',
  observationSize: 2,
  actionSize: 1,
  metrics: ['nearness'],
  controlSeconds: 0.1,
  open: async (count) => new ToyEnvironments(count),
};

class ToyEnvironments implements Environments {
  readonly observations: Float64Array;
  readonly metrics: Float64Array;
  readonly terminated: Uint8Array;
  private readonly positions: Float64Array;

  constructor(readonly count: number) {
    this.observations = new Float64Array(2 * count);
    this.metrics = new Float64Array(count);
    this.terminated = new Uint8Array(count);
    this.positions = new Float64Array(count);
  }

  reset(index: number, random: RandomStream): void {
    this.positions[index] = random.uniform(-2, 2);
    this.observe(index);
  }

  step(actions: Float32Array, active?: Uint8Array): void {
    for (let i = 0; i < this.count; i++) {
      if (active && !active[i]) continue;
      this.positions[i]! += 0.5 * Math.min(1, Math.max(-1, actions[i]!));
      this.metrics[i] = 1 - this.positions[i]! ** 2;
      this.terminated[i] = Math.abs(this.positions[i]!) > 3 ? 1 : 0;
      this.observe(i);
    }
  }

  saveState(index: number): number[] {
    return [this.positions[index]!];
  }

  restoreState(index: number, [position]: readonly number[]): void {
    this.positions[index] = position!;
    this.observe(index);
  }

  close(): void {}

  private observe(index: number): void {
    this.observations.set([this.positions[index]!, 1], 2 * index);
  }
}
