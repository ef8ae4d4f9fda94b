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

  const active = (chunk: Chunk): Uint16Array => {
    const count = new Uint16Array(chunk.values[base].length);
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
      const count = active(chunk);
      for (const [i, input] of experts.entries()) {
        for (const [k, value] of chunk.values[input].entries()) if (value !== 0) counts[i][count[k] > 1 ? 'shared' : 'unique']++;
      }
    },
    finish: () => counts.forEach(({ shared, unique }, i) => (factors[i] = Math.fround(boost?.(shared, unique) ?? 1))),
  };
  const program: PassesProgram = {
    kind: 'passes',
    isElementwise: boost === null,
    reductions: boost === null ? [] : [overlaps],
    merge(chunk, out) {
      const count = active(chunk);
      for (let k = 0; k < out.length; k++) {
        let merged = 0;
        for (const [i, input] of experts.entries()) {
          const change = chunk.values[input][k];
          merged = Math.fround(merged + (count[k] > 1 ? Math.fround(change / count[k]) : Math.fround(change * factors[i])));
        }
        out[k] = chunk.values[base][k] + merged;
      }
    },
  };
  return program;
}
