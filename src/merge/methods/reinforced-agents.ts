import { expertsOf } from './geometry';
import type { TensorTask } from './method';
import type { Chunk, PassesProgram, Reduction, TensorProgram } from './program';

interface Overlap {
  readonly epsilon: number;
  /** factor of the changes that one expert alone made, by how many of its changes others share */
  readonly boost: ((shared: number, unique: number) => number) | null;
}

/**
 * Reinforced Agent Merging: an element that one expert changed by more than ε gets that change, one that several changed
 * gets the mean of theirs, the others stay.
 */
export function reinforcedAgents(task: Pick<TensorTask<unknown, unknown>, 'inputs' | 'base'>, { epsilon, boost }: Overlap): TensorProgram {
  const base = task.base ?? 0;
  const experts = expertsOf(task);
  if (experts.length === 0) return { kind: 'copy', input: base };
  const limit = Math.fround(epsilon);
  const factors = experts.map(() => 1);
  const counts = experts.map(() => ({ shared: 0, unique: 0 }));

  let active = new Uint16Array(0);
  /** Turns the experts into their changes, in place, and counts those of every element; the array is reused. */
  const countActive = (chunk: Chunk): Uint16Array => {
    const { length } = chunk.values[base];
    if (active.length < length) active = new Uint16Array(length);
    const count = active.fill(0, 0, length);
    for (const input of experts) {
      const vector = chunk.values[input];
      for (let k = 0; k < vector.length; k++) {
        vector[k] -= chunk.values[base][k];
        if (Math.abs(vector[k]) > limit) count[k]++;
        else vector[k] = 0;
      }
    }
    return count;
  };
  const overlaps: Reduction = {
    add(chunk) {
      if (chunk.vectors) {
        const own = chunk.vectors.countShared(experts.map((input) => chunk.values[input]), chunk.values[base], limit);
        for (const [i, { shared, unique }] of own.entries()) counts[i] = { shared: counts[i].shared + shared, unique: counts[i].unique + unique };
        return;
      }
      const count = countActive(chunk);
      for (const [i, input] of experts.entries()) {
        const vector = chunk.values[input];
        for (let k = 0; k < vector.length; k++) if (vector[k] !== 0) counts[i][count[k] > 1 ? 'shared' : 'unique']++;
      }
    },
    finish: () => counts.forEach(({ shared, unique }, i) => (factors[i] = Math.fround(boost?.(shared, unique) ?? 1))),
  };
  const program: PassesProgram = {
    kind: 'passes',
    isElementwise: boost === null,
    reductions: boost === null ? [] : [overlaps],
    merge(chunk, out) {
      if (chunk.vectors) return chunk.vectors.addChanges(experts.map((input) => chunk.values[input]), chunk.values[base], limit, factors, out);
      const count = countActive(chunk);
      for (let k = 0; k < out.length; k++) {
        let merged = 0;
        for (let i = 0; i < experts.length; i++) {
          const change = chunk.values[experts[i]][k];
          merged = Math.fround(merged + (count[k] > 1 ? Math.fround(change / count[k]) : Math.fround(change * factors[i])));
        }
        out[k] = chunk.values[base][k] + merged;
      }
    },
  };
  return program;
}
