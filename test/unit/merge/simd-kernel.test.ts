import fc from 'fast-check';
import { dtypeBytes, type FloatDtype } from '../../../src/checkpoint/dtype';
import { toFloat32 } from '../../../src/checkpoint/float-formats';
import type { ChunkPart, ChunkStatistics, Measure } from '../../../src/merge/kernels/kernel';
import { plainKernel } from '../../../src/merge/kernels/plain';
import { compileKernels, SimdKernel } from '../../../src/merge/kernels/simd';

const simd = new SimdKernel(compileKernels());
const vectorDtypes = ['BF16', 'F16', 'F32'] as const;

/** The same element by element, but for the payloads of NaN; decoding is exact, so equal values are equal codes. */
function expectSame(actual: Float32Array, expected: Float32Array): void {
  expect(actual.length).toBe(expected.length);
  const different = expected.findIndex((value, i) => !Object.is(actual[i], value));
  if (different >= 0) throw new Error(`element ${different} is ${actual[different]}, expected ${expected[different]}`);
}
const valuesOf = ({ bytes, dtype }: ChunkPart) => toFloat32(bytes, dtype);

function expectMeasure(actual: Measure, expected: Measure): void {
  expect([actual.nan, actual.infinite]).toEqual([expected.nan, expected.infinite]);
  // subnormal squares are nothing beside 1e-30
  expect(Math.abs(actual.squares - expected.squares)).toBeLessThanOrEqual(1e-6 * expected.squares + 1e-44);
}

/** Blends with both kernels from buffers whose other bytes are noise, and compares codes and statistics. */
function expectSameBlend(inputs: readonly ChunkPart[], weights: readonly number[], dtype: FloatDtype): ChunkStatistics {
  const elements = inputs[0].bytes.byteLength / dtypeBytes[inputs[0].dtype];
  const buffers = simd.allocate([...inputs.map(({ bytes }) => bytes.byteLength), elements * dtypeBytes[dtype]]);
  new Uint8Array(buffers[0].buffer).fill(0xff, buffers[0].byteOffset);
  const parts = inputs.map((input, i) => ({ ...input, bytes: (buffers[i].set(input.bytes), buffers[i]) }));
  const out = { bytes: buffers[inputs.length], dtype };
  const expected = { bytes: new Uint8Array(elements * dtypeBytes[dtype]), dtype };
  const statistics = simd.blendChunk(parts, weights, out);
  const reference = plainKernel.blendChunk(inputs, weights, expected);
  expectSame(valuesOf(out), valuesOf(expected));
  expectMeasure(statistics, reference);
  for (const [i, input] of statistics.inputs.entries()) expectMeasure(input, reference.inputs[i]);
  out.bytes.fill(0);
  expectMeasure(simd.blendChunk(parts, weights, out, false), reference);
  expectSame(valuesOf(out), valuesOf(expected));
  return statistics;
}

const part = (dtype: FloatDtype, elements: number) => fc.uint8Array({ minLength: elements * dtypeBytes[dtype], maxLength: elements * dtypeBytes[dtype] }).map((bytes): ChunkPart => ({ bytes, dtype }));
const weight = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.float({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(0, 1, -1, 0.5, 2 ** 13, -(2 ** 14), 2 ** 20, 1e-42));

describe.each(vectorDtypes)('%s against the plain kernel, bit for bit', (dtype) => {
  test('random bit patterns, counts, lengths and weights', () => {
    const blend = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 300 })).chain(([count, elements]) => fc.tuple(
      fc.array(part(dtype, elements), { minLength: count, maxLength: count }),
      fc.array(weight, { minLength: count, maxLength: count }),
    ));
    fc.assert(fc.property(blend, ([inputs, weights]) => void expectSameBlend(inputs, weights, dtype)), { numRuns: 500 });
  });

  test('ordinary values of every magnitude down to float16 that are subnormal, with weights of every magnitude', () => {
    const random = mulberry(2);
    const drawn = (least: number, most: number) => (random() < 0.5 ? -1 : 1) * 2 ** (least + (most - least) * random());
    for (let round = 0; round < 300; round++) {
      const count = 1 + Math.floor(4 * random());
      const inputs = Array.from({ length: count }, () => encoded(Float32Array.from({ length: 3 + Math.floor(500 * random()) }, () => (random() < 0.05 ? 0 : drawn(-26, 6))), dtype));
      const elements = Math.min(...inputs.map((input) => input.bytes.byteLength)) / dtypeBytes[dtype];
      expectSameBlend(inputs.map((input) => ({ dtype, bytes: input.bytes.slice(0, elements * dtypeBytes[dtype]) })), inputs.map(() => drawn(-24, 6)), dtype);
    }
  });

  test('long runs of ordinary values and a few that are not', () => {
    const random = mulberry(1);
    const values = Array.from({ length: 3 }, () => Float32Array.from({ length: 9001 }, () => (random() < 0.001 ? [NaN, Infinity, -Infinity, -0, 1e-40][Math.floor(5 * random())] : 0.1 * (random() - 0.5))));
    const inputs = values.map((row) => encoded(row, dtype));
    const { nan } = expectSameBlend(inputs, [0.3, 0.5, 0.2], dtype);
    expect(nan).toBeGreaterThan(0);
  });
});

/** Patterns of 16 bits, as [65536] elements. */
const everyPattern = Uint16Array.from({ length: 65536 }, (_, i) => i);
const patternPart = (dtype: 'BF16' | 'F16'): ChunkPart => ({ bytes: new Uint8Array(everyPattern.buffer.slice(0)), dtype });

describe.each(['BF16', 'F16'] as const)('every %s', (dtype) => {
  test('alone, scaled, and against another order of itself', () => {
    const reversed = { bytes: new Uint8Array(everyPattern.slice().reverse().buffer), dtype };
    for (const weights of [[1], [0.3], [-1.7]]) expectSameBlend([patternPart(dtype)], weights, dtype);
    for (const weights of [[0.5, 0.5], [0.3, 0.7], [1, -1], [300, -32768]]) expectSameBlend([patternPart(dtype), reversed], weights, dtype);
  });

  test('is decoded exactly', () => {
    const [bytes, out] = simd.allocate([131072, 262144]);
    bytes.set(patternPart(dtype).bytes);
    const values = new Float32Array(out.buffer, out.byteOffset, 65536);
    simd.decode({ bytes, dtype }, values);
    expectSame(values, valuesOf(patternPart(dtype)));
  });

  test('is rounded to at every tie and two places beside it', () => {
    // the float32 halfway between two neighbours, and its own neighbours
    const bits = new Uint32Array(valuesOf(patternPart(dtype)).buffer);
    const half = dtype === 'BF16' ? 0x8000 : 0x1000;
    const values = new Float32Array(new Uint32Array([...bits].flatMap((pattern) => [-2, -1, 0, 1, 2].map((step) => (pattern + half + step) >>> 0))).buffer);
    const [input, out] = simd.allocate([values.byteLength, 2 * values.length]);
    const own = new Float32Array(input.buffer, input.byteOffset, values.length);
    own.set(values);
    simd.encode(own, { bytes: out, dtype });
    const expected = new Uint8Array(2 * values.length);
    plainKernel.encode(values, { bytes: expected, dtype });
    expectSame(valuesOf({ bytes: out, dtype }), valuesOf({ bytes: expected, dtype }));
  });
});

test('mixed types, 8-bit formats and another output type', () => {
  const floats: FloatDtype[] = ['F32', 'F16', 'BF16', 'F8_E4M3', 'F8_E5M2'];
  const mixed = fc.tuple(fc.integer({ min: 1, max: 100 }), fc.array(fc.constantFrom(...floats), { minLength: 1, maxLength: 5 }), fc.constantFrom(...floats)).chain(([elements, kinds, out]) => fc.tuple(
    fc.tuple(...kinds.map((kind) => part(kind, elements))),
    fc.array(weight, { minLength: kinds.length, maxLength: kinds.length }),
    fc.constant(out),
  ));
  fc.assert(fc.property(mixed, ([inputs, weights, out]) => void expectSameBlend(inputs, weights, out)), { numRuns: 500 });
});

test('float64 stays float64', () => {
  const doubles = (...values: number[]): ChunkPart => ({ bytes: new Uint8Array(Float64Array.from(values).buffer), dtype: 'F64' });
  const [a, b, out] = simd.allocate([16, 16, 16]);
  a.set(doubles(1 + 2 ** -40, 3).bytes);
  b.set(doubles(1, 4).bytes);
  simd.blendChunk([{ bytes: a, dtype: 'F64' }, { bytes: b, dtype: 'F64' }], [0.5, 0.5], { bytes: out, dtype: 'F64' });
  expect([...new Float64Array(out.slice().buffer)]).toEqual([1 + 2 ** -41, 3.5]);
});

test('squares that overflow or underflow float32 are summed all the same', () => {
  for (const value of [1e30, 1e-30, 3e38, 1e-38]) {
    const [bytes] = simd.allocate([4 * 5000]);
    new Float32Array(bytes.buffer, bytes.byteOffset, 5000).fill(value);
    expectMeasure(simd.measure({ bytes, dtype: 'F32' }), { nan: 0, infinite: 0, squares: 5000 * Math.fround(value) ** 2 });
  }
});

test('combinations around one of the inputs, of any types, bit for bit', () => {
  const cases = fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.array(fc.constantFrom<FloatDtype>('F32', 'F16', 'BF16', 'F8_E4M3'), { minLength: 1, maxLength: 5 }), fc.constantFrom<FloatDtype>('F32', 'F16', 'BF16')).chain(([elements, kinds, dtype]) => fc.record({
    inputs: fc.tuple(...kinds.map((kind) => part(kind, elements))),
    weights: fc.array(weight, { minLength: kinds.length, maxLength: kinds.length }),
    origin: fc.nat({ max: kinds.length - 1 }),
    dtype: fc.constant(dtype),
  }));
  fc.assert(fc.property(cases, ({ inputs, weights, origin, dtype }) => {
    const elements = inputs[0].bytes.byteLength / dtypeBytes[inputs[0].dtype];
    const buffers = simd.allocate([...inputs.map(({ bytes }) => bytes.byteLength), elements * dtypeBytes[dtype]]);
    const [out, expected] = [buffers[inputs.length], new Uint8Array(elements * dtypeBytes[dtype])].map((bytes): ChunkPart => ({ bytes, dtype }));
    simd.blendAround(inputs.map((input, i) => ({ ...input, bytes: (buffers[i].set(input.bytes), buffers[i]) })), origin, weights, out);
    plainKernel.blendAround(inputs, origin, weights, expected);
    expectSame(valuesOf(out), valuesOf(expected));
  }), { numRuns: 200 });
});

describe.each(vectorDtypes)('dot products of %s', (dtype) => {
  const rows = (count: number, length: number) => fc.array(fc.float32Array({ minLength: length, maxLength: length, noNaN: true, min: -100, max: 100 }), { minLength: count, maxLength: count });
  const cases = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 10_000 })).chain(([count, length]) => fc.tuple(rows(count, length), fc.option(fc.nat({ max: count - 1 }))));

  /** Relative to the norms. */
  function expectProducts(values: readonly Float32Array[], origin: number | null, tolerance: number): void {
    const parts = values.map((row) => encoded(row, dtype));
    const buffers = simd.allocate(parts.map(({ bytes }) => bytes.byteLength));
    new Uint8Array(buffers[0].buffer).fill(0xff, buffers[0].byteOffset);
    const [gram, expected] = [0, 1].map(() => values.map(() => new Float64Array(values.length)));
    simd.addProducts(parts.map((part, i) => ({ dtype, bytes: (buffers[i].set(part.bytes), buffers[i]) })), origin, gram);
    plainKernel.addProducts(parts, origin, expected);
    const norm = (i: number) => Math.sqrt(expected[i][i]);
    for (const [i, row] of gram.entries()) for (const [j, product] of row.entries()) expect(Math.abs(product - expected[i][j])).toBeLessThanOrEqual(tolerance * norm(i) * norm(j));
  }

  test('against the plain kernel, in float64', () => {
    fc.assert(fc.property(cases, ([values, origin]) => expectProducts(values, origin, 4 * 2 ** -24)), { numRuns: 60 });
  });

  test('where squares leave the range of float32, or one input is nothing beside another', () => {
    for (const scales of [[1e30, 1], [1e-30, 1], [1e-38, 1e30], [0, 1e-25], [3e-5, 6e4]]) {
      expectProducts(scales.map((scale, i) => Float32Array.from({ length: 5000 }, (_, k) => Math.min(scale, 6e4) * Math.sin(1 + k * (i + 1)))), null, 1e-6);
      if (dtype !== 'F16') expectProducts(scales.map((scale, i) => Float32Array.from({ length: 5000 }, (_, k) => scale * Math.sin(1 + k * (i + 1)))), null, 1e-6);
    }
  });

  test('many ordinary values', () => {
    const random = mulberry(3);
    expectProducts(Array.from({ length: 3 }, () => Float32Array.from({ length: 1 << 18 }, () => 0.02 * (random() + random() - 1))), 1, 1e-7);
  });
});

test('magnitude keys are counted and selected by their upper halves', () => {
  const floats = fc.array(fc.oneof(fc.float(), fc.constantFrom(0, -0, 1, 1.001, -1.002)), { minLength: 1, maxLength: 300 });
  fc.assert(fc.property(floats, fc.nat(), (values, pick) => {
    const [bytes] = simd.allocate([4 * values.length]);
    const row = new Float32Array(bytes.buffer, bytes.byteOffset, values.length);
    row.set(values);
    const keys = [...new Uint32Array(row.buffer, row.byteOffset, row.length)].map((bits) => (bits << 1) >>> 0);
    const pairs = [...simd.countUpperKeys(row)];
    const counted = new Map(pairs.flatMap((upper, k) => (k % 2 === 0 ? [[upper, pairs[k + 1]]] : [])));
    const expected = new Map<number, number>();
    for (const key of keys) expected.set(key >>> 16, (expected.get(key >>> 16) ?? 0) + 1);
    expect(counted).toEqual(expected);
    const upper = keys[pick % keys.length] >>> 16;
    expect([...simd.selectKeys(row, upper)]).toEqual(keys.filter((key) => key >>> 16 === upper));
  }), { numRuns: 100 });
});

function encoded(values: Float32Array, dtype: FloatDtype): ChunkPart {
  const bytes = new Uint8Array(values.length * dtypeBytes[dtype]);
  plainKernel.encode(values, { bytes, dtype });
  return { bytes, dtype };
}

/** A small generator of uniform numbers, for data that is the same in every run. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let hash = Math.imul(state ^ (state >>> 15), 1 | state);
    hash = (hash + Math.imul(hash ^ (hash >>> 7), 61 | hash)) ^ hash;
    return ((hash ^ (hash >>> 14)) >>> 0) / 2 ** 32;
  };
}
