import { expertsOf } from './geometry';
import { keyScratch } from './masks/mask';
import { RankSelection, valueKeys } from './masks/rank-selection';
import { defineMethod } from './method';

/** Scratch of every tensor that a thread merges: one each would leave more garbage than is collected in time. */
const scratch = keyScratch();
let importances = new Float32Array(0);
let [expertRow, baseRow] = [new Float64Array(0), new Float64Array(0)];

/**
 * Arcee Fusion: takes the expert's value where its importance |θ − θ₀| · KL(softmax θ ‖ softmax θ₀), the divergence being
 * that of the row, is at least median + 1.5 · interquartile range over the tensor, and the base's elsewhere. The
 * quantiles are exact at every size; mergekit samples them above a million elements.
 */
export const arceeFusion = defineMethod({
  name: 'arcee_fusion',
  description: 'the values of the expert that matter most, by change times divergence of their row; the rest from the base',
  inputs: { minimum: 1, maximum: 1, base: 'required' },
  parameters: {},
  modelParameters: {},
  program(task) {
    const base = task.base ?? 0;
    const [expert] = expertsOf(task);
    const { elements, rowLength } = task;
    const divergences = new Float64Array(rowLength === 0 ? 0 : Math.ceil(elements / rowLength));
    const selection = new RankSelection();
    let threshold = 0;
    const importance = (values: readonly Float32Array[], start: number) => {
      const [a, b] = [values[expert], values[base]];
      if (importances.length < a.length) importances = new Float32Array(a.length);
      for (let begin = 0; begin < a.length; begin += rowLength) {
        const rowDivergence = divergences[(start + begin) / rowLength];
        for (let k = begin; k < begin + rowLength; k++) importances[k] = Math.abs(Math.fround(a[k] - b[k])) * rowDivergence;
      }
      return importances.subarray(0, a.length);
    };
    return {
      kind: 'passes',
      needsWholeRows: true,
      reductions: [
        {
          add({ values, start }) {
            for (let begin = 0; begin < values[base].length; begin += rowLength) {
              const [p, q] = [expert, base].map((input) => values[input].subarray(begin, begin + rowLength));
              divergences[(start + begin) / rowLength] = divergence(p, q);
            }
            selection.addUpper(valueKeys(importance(values, start), scratch(values[base].length)));
          },
          finish: () => selection.want([0.25, 0.5, 0.75].map((q) => Math.floor(q * (elements - 1)))),
        },
        {
          add: ({ values, start }) => selection.addLower(valueKeys(importance(values, start), scratch(values[base].length))),
          finish() {
            const [lower, median, upper] = selection.cuts().map(({ key }) => valueOf(key));
            threshold = Math.fround(median + Math.fround(1.5 * Math.fround(upper - lower)));
          },
        },
      ],
      merge({ values, start }, out) {
        const own = importance(values, start);
        for (let k = 0; k < own.length; k++) out[k] = own[k] >= threshold ? values[expert][k] : values[base][k];
      },
    };
  },
});

/** KL(softmax p ‖ softmax q) of one row, both shifted up by 1e-8 as in mergekit, in float64. */
function divergence(p: Float32Array, q: Float32Array): number {
  if (expertRow.length < p.length) [expertRow, baseRow] = [new Float64Array(p.length), new Float64Array(p.length)];
  const [a, b] = [softmax(p, expertRow.subarray(0, p.length)), softmax(q, baseRow.subarray(0, q.length))];
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k] + 1e-8) * Math.log((a[k] + 1e-8) / (b[k] + 1e-8));
  return sum;
}

/** Into `result`, [n]. */
function softmax(row: Float32Array, result: Float64Array): Float64Array {
  let largest = -Infinity;
  for (let k = 0; k < row.length; k++) largest = Math.max(largest, row[k]);
  let sum = 0;
  for (let k = 0; k < row.length; k++) sum += result[k] = Math.exp(row[k] - largest);
  for (let k = 0; k < row.length; k++) result[k] /= sum;
  return result;
}

/** The number that `valueKeys` turned into a key. */
function valueOf(key: number): number {
  const bits = Uint32Array.of(key >>> 31 ? key ^ 0x80000000 : ~key);
  return new Float32Array(bits.buffer)[0];
}
