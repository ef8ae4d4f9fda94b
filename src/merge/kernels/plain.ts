import { dtypeBytes } from '../../checkpoint/dtype';
import { decodeInto, encodeInto } from '../../checkpoint/float-formats';
import { addPlainly } from '../../checkpoint/low-rank';
import type { ChunkPart, Measure, MergeKernel } from './kernel';

type Floats = Float32Array | Float64Array;

/** The reference kernel, in plain JavaScript. */
export const plainKernel: MergeKernel = {
  name: 'plain',
  vectors: null,
  allocate: (sizes, apart = []) => [...sizes, ...apart].map((size) => new Uint8Array(size)),
  blendChunk(inputs, weights, out) {
    const length = out.bytes.byteLength / dtypeBytes[out.dtype];
    const isDouble = inputs.some(({ dtype }) => dtype === 'F64');
    const sum: Floats = isDouble ? new Float64Array(length) : new Float32Array(length);
    const values: Floats = isDouble ? new Float64Array(length) : new Float32Array(length);
    const statistics = inputs.map(({ bytes, dtype }, i) => {
      decodeInto(bytes, dtype, values);
      if (isDouble) for (let k = 0; k < length; k++) sum[k] += weights[i] * values[k];
      else accumulate(sum, values, Math.fround(weights[i]));
      return measureValues(values);
    });
    encodeInto(sum, out.dtype, out.bytes);
    return { ...plainKernel.measure(out), inputs: statistics };
  },
  measure({ bytes, dtype }) {
    const length = bytes.byteLength / dtypeBytes[dtype];
    const values = dtype === 'F64' ? new Float64Array(length) : new Float32Array(length);
    decodeInto(bytes, dtype, values);
    return measureValues(values);
  },
  decode: ({ bytes, dtype }, into) => decodeInto(bytes, dtype, into),
  encode: (values, { bytes, dtype }) => encodeInto(values, dtype, bytes),
  addLowRank: addPlainly,
  blendAround(parts, origin, weights, { bytes, dtype }) {
    const values = parts.map(decoded);
    const base = values[origin];
    const sum = new Float32Array(base.length);
    for (const [i, row] of values.entries()) {
      if (i === origin) continue;
      const weight = Math.fround(weights[i]);
      for (let k = 0; k < sum.length; k++) sum[k] += Math.fround(weight * Math.fround(row[k] - base[k]));
    }
    for (let k = 0; k < sum.length; k++) sum[k] += base[k];
    encodeInto(sum, dtype, bytes);
  },
  addProducts(parts, origin, gram) {
    const values = parts.map(decoded);
    if (origin !== null) {
      const base = values[origin];
      for (const row of values) if (row !== base) for (let k = 0; k < row.length; k++) row[k] -= base[k];
    }
    for (const [i, a] of values.entries()) {
      for (const [j, b] of values.entries()) {
        if (i === origin || j === origin) continue;
        let sum = 0;
        for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
        gram[i][j] += sum;
      }
    }
  },
};

function decoded({ bytes, dtype }: ChunkPart): Float32Array {
  const row = new Float32Array(bytes.byteLength / dtypeBytes[dtype]);
  decodeInto(bytes, dtype, row);
  return row;
}

/** The product is rounded before it is added; storing into a Float32Array rounds the sum. */
function accumulate(sum: Floats, values: Floats, weight: number): void {
  for (let k = 0; k < sum.length; k++) sum[k] += Math.fround(weight * values[k]);
}

function measureValues(values: Floats): Measure {
  let nan = 0;
  let infinite = 0;
  let squares = 0;
  for (let k = 0; k < values.length; k++) {
    const value = values[k];
    if (value - value === 0) squares += value * value;
    else if (value !== value) nan++;
    else infinite++;
  }
  return { nan, infinite, squares };
}
