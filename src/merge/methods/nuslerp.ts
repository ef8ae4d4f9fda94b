import { aroundBase, clampCosine, expertsOf, slerpFactors, taskVectors } from './geometry';
import { defineMethod } from './method';
import type { Chunk, Gram, PassesProgram, TensorProgram } from './program';

/** mergekit decides in float32: what rounds to ±1 there is parallel or opposite. */
const isStraight = (cosine: number): boolean => 1 - Math.fround(Math.fround(cosine) ** 2) <= 1e-16;

/**
 * Spherical interpolation of two experts, or of their task vectors where there is a base, at t = w₂ / Σw (mergekit's
 * nuslerp): of flattened tensors, of every row (`nuslerp_flatten: false`), or along the first dimension
 * (`nuslerp_row_wise`).
 */
export const nuslerp = defineMethod({
  name: 'nuslerp',
  description: 'spherical interpolation of two experts, or of their task vectors with a base',
  inputs: { minimum: 2, maximum: 2, base: 'optional' },
  parameters: {
    nuslerp_row_wise: { type: 'boolean', default: false, description: 'interpolate along the first dimension; without effect on flattened tensors' },
    nuslerp_flatten: { type: 'boolean', default: true, description: 'interpolate whole tensors' },
  },
  modelParameters: { weight: { type: 'number', default: null, description: 'share of this expert' } },
  program(task): TensorProgram {
    const { parameters, inputs, base, rowLength, shape, elements } = task;
    const experts = expertsOf(task);
    const [first, second] = experts.map((input) => inputs[input].weight);
    const sum = first + second;
    const t = Math.abs(sum) < 1e-6 ? 0.5 : second / sum;
    if (t === 0 || t === 1) return { kind: 'copy', input: experts[t] };
    if (!parameters.nuslerp_flatten) {
      const columns = parameters.nuslerp_row_wise ? elements / Math.max(1, shape[0] ?? 1) : null;
      return columns === null ? alongRows(experts, base, t, rowLength) : alongColumns(experts, base, t, columns);
    }
    const weights = (gram: Gram) => {
      const [a, b] = experts;
      const factors = factorsOf(gram[a][a], gram[b][b], gram[a][b], t);
      return inputs.map((_, input) => factors[input === a ? 0 : 1]);
    };
    return base === null ? { kind: 'gram', origin: null, weights } : aroundBase(base, weights);
  },
});

function factorsOf(aa: number, bb: number, ab: number, t: number): [number, number] {
  const norms = Math.max(Math.sqrt(aa), 1e-7) * Math.max(Math.sqrt(bb), 1e-7);
  return slerpFactors(clampCosine(ab / norms), t, isStraight);
}

/** Of both experts, by vector. */
interface Factors {
  readonly first: Float64Array;
  readonly second: Float64Array;
}

/** Dot products of two (task) vectors of which each is every `stride`-th element from its index on. */
class VectorProducts {
  readonly aa: Float64Array;
  readonly bb: Float64Array;
  readonly ab: Float64Array;

  constructor(readonly vectors: number, private readonly vectorOf: (element: number) => number) {
    [this.aa, this.bb, this.ab] = [0, 1, 2].map(() => new Float64Array(vectors));
  }

  add(a: Float32Array, b: Float32Array, start: number): void {
    for (let k = 0; k < a.length; k++) {
      const vector = this.vectorOf(start + k);
      this.aa[vector] += a[k] * a[k];
      this.bb[vector] += b[k] * b[k];
      this.ab[vector] += a[k] * b[k];
    }
  }

  factors(t: number): Factors {
    const factors = { first: new Float64Array(this.vectors), second: new Float64Array(this.vectors) };
    for (let vector = 0; vector < this.vectors; vector++) [factors.first[vector], factors.second[vector]] = factorsOf(this.aa[vector], this.bb[vector], this.ab[vector], t);
    return factors;
  }
}

function alongRows(experts: readonly number[], base: number | null, t: number, rowLength: number): PassesProgram {
  return {
    kind: 'passes',
    needsWholeRows: true,
    merge(chunk, out) {
      const [a, b] = vectorsOf(chunk, experts, base);
      const rowOf = (element: number) => Math.floor(element / rowLength);
      const products = new VectorProducts(Math.ceil(a.length / rowLength), rowOf);
      products.add(a, b, 0);
      combine(a, b, chunk, base, products.factors(t), rowOf, 0, out);
    },
  };
}

function alongColumns(experts: readonly number[], base: number | null, t: number, columns: number): PassesProgram {
  const columnOf = (element: number) => element % columns;
  const products = new VectorProducts(columns, columnOf);
  let factors: Factors = { first: new Float64Array(0), second: new Float64Array(0) };
  return {
    kind: 'passes',
    reductions: [{
      add(chunk) {
        const [a, b] = vectorsOf(chunk, experts, base);
        products.add(a, b, chunk.start);
      },
      finish: () => (factors = products.factors(t)),
    }],
    merge(chunk, out) {
      const [a, b] = vectorsOf(chunk, experts, base);
      combine(a, b, chunk, base, factors, columnOf, chunk.start, out);
    },
  };
}

/** The two experts of a chunk, turned into task vectors in place where there is a base. */
function vectorsOf(chunk: Chunk, experts: readonly number[], base: number | null): Float32Array[] {
  const vectors = base === null ? chunk.values : taskVectors(chunk, base);
  return experts.map((input) => vectors[input]);
}

function combine(a: Float32Array, b: Float32Array, { values }: Chunk, base: number | null, { first, second }: Factors, vectorOf: (element: number) => number, start: number, out: Float32Array): void {
  for (let k = 0; k < out.length; k++) {
    const vector = vectorOf(start + k);
    out[k] = first[vector] * a[k] + second[vector] * b[k];
    if (base !== null) out[k] += values[base][k];
  }
}
