import { dtypeBytes } from '../../checkpoint/dtype';
import { decodeInto, encodeInto } from '../../checkpoint/float-formats';
import type { ChunkPart, Measure, MergeKernel } from './kernel';

type Floats = Float32Array | Float64Array;

/** The reference kernel, in plain JavaScript. */
export const plainKernel: MergeKernel = {
  name: 'plain',
  blendChunk(inputs, weights, out) {
    const length = out.bytes.byteLength / dtypeBytes[out.dtype];
    const isDouble = inputs.some(({ dtype }) => dtype === 'F64');
    const sum: Floats = isDouble ? new Float64Array(length) : new Float32Array(length);
    const values: Floats = isDouble ? new Float64Array(length) : new Float32Array(length);
    const statistics = inputs.map(({ bytes, dtype }, i) => {
      decodeInto(bytes, dtype, values);
      if (isDouble) for (let k = 0; k < length; k++) sum[k] += weights[i] * values[k];
      else accumulate(sum, values, Math.fround(weights[i]));
      return measure(values);
    });
    encodeInto(sum, out.dtype, out.bytes);
    return { ...measure(decoded(out, values)), inputs: statistics };
  },
  decode(part, into) {
    return measure(decoded(part, into));
  },
  encode(values, out) {
    encodeInto(values, out.dtype, out.bytes);
    return measure(decoded(out, new Float32Array(values.length)));
  },
  addProducts(values, origin, gram) {
    const relative = origin === null ? values : values.map((row) => row.map((value, k) => value - values[origin][k]));
    for (const [i, a] of relative.entries()) {
      for (const [j, b] of relative.entries()) {
        let sum = 0;
        for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
        gram[i][j] += sum;
      }
    }
  },
};

/** The product is rounded before it is added; storing into a Float32Array rounds the sum. */
function accumulate(sum: Floats, values: Floats, weight: number): void {
  for (let k = 0; k < sum.length; k++) sum[k] += Math.fround(weight * values[k]);
}

function decoded({ bytes, dtype }: ChunkPart, into: Floats): Floats {
  decodeInto(bytes, dtype, into);
  return into;
}

function measure(values: Floats): Measure {
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
