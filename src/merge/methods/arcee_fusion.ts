import { expertsOf } from './geometry';
import { keyScratch } from './masks/mask';
import { magnitudeKeys, RankSelection } from './masks/rank-selection';
import { defineMethod } from './method';
import type { Chunk } from './program';

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
    /** of a chunk's rows */
    const divergencesFrom = (start: number, length: number) => divergences.subarray(start / rowLength, (start + length) / rowLength);
    const importance = ({ values, start, vectors }: Chunk): Float32Array => {
      const [a, b] = [values[expert], values[base]];
      const ofRows = divergencesFrom(start, a.length);
      if (vectors) return vectors.scaledDistances(a, b, rowLength, ofRows);
      if (importances.length < a.length) importances = new Float32Array(a.length);
      for (const [row, factor] of ofRows.entries()) {
        for (let k = row * rowLength; k < (row + 1) * rowLength; k++) importances[k] = Math.abs(Math.fround(a[k] - b[k])) * factor;
      }
      return importances.subarray(0, a.length);
    };
    const keysOf = (chunk: Chunk): Uint32Array => magnitudeKeys(importance(chunk), scratch(chunk.values[base].length));
    return {
      kind: 'passes',
      needsWholeRows: true,
      reductions: [
        {
          add(chunk) {
            const { values, start, vectors } = chunk;
            const ofRows = divergencesFrom(start, values[base].length);
            for (const row of ofRows.keys()) {
              const [p, q] = [expert, base].map((input) => values[input].subarray(row * rowLength, (row + 1) * rowLength));
              // rounding makes that of equal rows negative
              ofRows[row] = Math.max(0, vectors ? vectors.divergence(p, q) : divergence(p, q));
            }
            if (vectors) selection.addUpperMagnitudes(importance(chunk), vectors);
            else selection.addUpper(keysOf(chunk));
          },
          finish: () => selection.want([0.25, 0.5, 0.75].map((q) => Math.floor(q * (elements - 1)))),
        },
        {
          add(chunk) {
            if (chunk.vectors) selection.addLowerMagnitudes(importance(chunk), chunk.vectors);
            else selection.addLower(keysOf(chunk));
          },
          finish() {
            const [lower, median, upper] = selection.cuts().map(({ key }) => magnitudeOf(key));
            threshold = Math.fround(median + Math.fround(1.5 * Math.fround(upper - lower)));
          },
        },
      ],
      merge(chunk, out) {
        const { values, vectors } = chunk;
        const [a, b, own] = [values[expert], values[base], importance(chunk)];
        if (vectors) return vectors.chooseMarked(a, b, own, threshold, out);
        for (let k = 0; k < own.length; k++) out[k] = own[k] >= threshold ? a[k] : b[k];
      },
    };
  },
});

/** KL(softmax p ‖ softmax q) of one row, both shifted up by 1e-8 as in mergekit, in float64. */
export function divergence(p: Float32Array, q: Float32Array): number {
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

/** The magnitude that `magnitudeKeys` turned into a key. */
function magnitudeOf(key: number): number {
  return new Float32Array(Uint32Array.of(key >>> 1).buffer)[0];
}
