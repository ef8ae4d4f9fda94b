import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { openFileSource, readHeaderOf } from '../../../src/checkpoint/byte-source';
import { openCheckpoint } from '../../../src/checkpoint/checkpoint';
import { differenceByTensor, taskVectorsByTensor, type Difference, type DifferenceByTensor } from '../../../src/checkpoint/difference';
import type { Dtype } from '../../../src/checkpoint/dtype';
import { npyPieces } from '../../../src/checkpoint/npy';
import { writeSafetensors } from '../../../src/checkpoint/safetensors';
import { elementRuns, parseSlice, sliceShape } from '../../../src/checkpoint/slice';
import { tensorHistogram, tensorStatistics } from '../../../src/checkpoint/statistics';
import { valueTexts } from '../../../src/checkpoint/value-text';

interface Stored {
  readonly shape: number[];
  readonly data: string;
}
interface Fixture {
  readonly data: Record<string, Stored>;
  readonly slices: readonly { readonly dtype: Dtype; readonly slice: string; readonly npy: string }[];
  readonly texts: Record<string, { readonly data: string; readonly texts: string[] }>;
  readonly statistics: readonly (Stored & { readonly dtype: Dtype; readonly expected: Record<string, number> })[];
  readonly histograms: readonly (Stored & { readonly counts: number[]; readonly edges: number[] })[];
  readonly differences: {
    readonly tensors: Record<string, { readonly shape: number[]; readonly base: string; readonly first: string; readonly second: string }>;
    readonly toBase: Record<string, Difference>;
    readonly taskVectors: Record<string, Difference>;
  };
}

const fixture = JSON.parse(readFileSync(path.join(__dirname, '../../fixtures/safetensors/values.json'), 'utf8')) as Fixture;
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));
const directory = mkdtempSync(path.join(tmpdir(), 'values-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** A file with one tensor between two others, so that no offset is zero by chance. */
async function fileOf(dtype: Dtype, { shape, data }: Stored): Promise<string> {
  const file = path.join(directory, `${dtype}-${Math.random()}.safetensors`);
  const filler = { dtype, shape: [shape.length], data: bytesOf(data).subarray(0, (bytesOf(data).length / shape.reduce((a, b) => a * b, 1)) * shape.length) };
  await writeSafetensors(file, [{ name: 'a', ...filler }, { name: 'tensor', dtype, shape, data: bytesOf(data) }, { name: 'z', ...filler }]);
  return file;
}

test.each(Object.keys(fixture.data) as Dtype[])('slices of %s as .npy are the bytes that numpy.save writes', async (dtype) => {
  const file = await fileOf(dtype, fixture.data[dtype]!);
  const source = await openFileSource(file);
  const header = await readHeaderOf(source, file);
  const tensor = header.tensors.get('tensor')!;
  const cases = fixture.slices.filter((entry) => entry.dtype === dtype);
  expect(cases.length).toBeGreaterThan(4);
  for (const { slice, npy } of cases) {
    const pieces: Uint8Array[] = [];
    for await (const piece of npyPieces(source, header, tensor, parseSlice(slice, tensor.shape))) pieces.push(piece.slice());
    expect([slice, Buffer.concat(pieces).toString('base64')]).toEqual([slice, npy]);
  }
  await source.close();
});

test('runs of a slice are its elements in row-major order, however they are cut', () => {
  const axis = fc.integer({ min: 0, max: 5 }).chain((length) => fc.record({ length: fc.constant(length), start: fc.integer({ min: 0, max: length }), size: fc.integer({ min: 0, max: 5 }) }));
  fc.assert(fc.property(fc.array(axis, { maxLength: 4 }), fc.integer({ min: 1, max: 7 }), (axes, limit) => {
    const shape = axes.map(({ length }) => length);
    const ranges = axes.map(({ length, start, size }) => ({ start, stop: Math.min(length, start + size), isKept: true }));
    const expected = ranges.reduce<number[]>((offsets, { start, stop }, index) => offsets.flatMap((offset) => Array.from({ length: stop - start }, (_, k) => offset * shape[index]! + start + k)), [0]);
    const runs = [...elementRuns(ranges, shape, limit)];
    expect(runs.flatMap(({ start, length }) => Array.from({ length }, (_, k) => start + k))).toEqual(expected);
    expect(runs.every(({ length }) => length <= limit)).toBe(true);
    expect(sliceShape(ranges).reduce((a, b) => a * b, 1)).toBe(expected.length);
  }));
});

test.each(['1:2:3', 'a', '0, 0, 0', '7', '-4', '1.5', '0,,1'])('the slice %s of a [3, 4] is refused by name', (text) => {
  expect(() => parseSlice(text, [3, 4])).toThrow(expect.objectContaining({ name: 'InvalidSliceError' }) as Error);
});

test('values read as numpy prints them: as short as they can be told apart', () => {
  for (const [dtype, { data, texts }] of Object.entries(fixture.texts)) {
    // numpy writes 1e-07, 1.0 and nan where JavaScript writes 1e-7, 1 and NaN: the digits are the same
    const expected = texts.map((text) => (/^-?\d+$/.test(text) ? text : text === '-0.0' ? '-0' : text === 'nan' ? 'NaN' : String(Number(text.replace('inf', 'Infinity')))));
    expect([dtype, valueTexts(bytesOf(data), dtype as Dtype)]).toEqual([dtype, expected]);
  }
  expect(valueTexts(new Uint8Array([0, 1, 7]), 'BOOL')).toEqual(['false', 'true', 'true']);
  expect(valueTexts(new Uint8Array(Float32Array.of(0.1, -2, 1, 0.5).buffer), 'C64')).toEqual(['0.1-2j', '1+0.5j']);
  expect(valueTexts(new Uint8Array([0xcd, 0x3d, 0x80, 0xbf]), 'BF16')).toEqual(['0.1', '-1']);
});

test('statistics are numpy\'s', async () => {
  for (const { dtype, expected, ...stored } of fixture.statistics) {
    const { tensors } = await openCheckpoint(await fileOf(dtype, stored));
    const { count, nan, infinite, zeros, ...measured } = await tensorStatistics(tensors.get('tensor')!);
    expect([dtype, { count, nan, infinite, zeros }]).toEqual([dtype, { count: expected.count, nan: expected.nan, infinite: expected.infinite, zeros: expected.zeros }]);
    for (const [key, value] of Object.entries(measured)) expect([dtype, key, Math.abs(value! - expected[key]!) <= 1e-12 * Math.max(1e-300, Math.abs(expected.norm!))]).toEqual([dtype, key, true]);
  }
});

test('statistics of a tensor in several pieces, with a mean far above its deviation', async () => {
  const values = Float64Array.from({ length: 300_001 }, (_, k) => 1e8 + (k % 3) - 1); // 0, 1, 2 around 1e8: deviation √(2/3) in the limit
  const file = path.join(directory, 'long.safetensors');
  await writeSafetensors(file, [{ name: 'x', dtype: 'F64', shape: [values.length], data: new Uint8Array(values.buffer) }]);
  const { mean, deviation, minimum, maximum } = await tensorStatistics((await openCheckpoint(file)).tensors.get('x')!);
  expect([minimum, maximum]).toEqual([1e8 - 1, 1e8 + 1]);
  expect(mean).toBeCloseTo(1e8 - 1 / 300_001, 6);
  expect(deviation).toBeCloseTo(Math.sqrt(200_001 / 300_001 - 1 / 300_001 ** 2), 6);
});

test('histograms are numpy\'s', async () => {
  for (const { counts, edges, ...stored } of fixture.histograms) {
    const { tensors } = await openCheckpoint(await fileOf('F32', stored));
    const histogram = await tensorHistogram(tensors.get('tensor')!, 16);
    expect(histogram.counts).toEqual(counts);
    histogram.edges.forEach((edge, index) => expect(edge).toBeCloseTo(edges[index]!, 10));
  }
});

test('differences from a base, and of two task vectors, are numpy\'s', async () => {
  const { tensors, toBase, taskVectors } = fixture.differences;
  const [first, second, base] = await Promise.all((['first', 'second', 'base'] as const).map(async (key) => {
    const file = path.join(directory, `${key}.safetensors`);
    await writeSafetensors(file, Object.entries(tensors).map(([name, tensor]) => ({ name, dtype: 'F32' as const, shape: tensor.shape, data: bytesOf(tensor[key]) })));
    return openCheckpoint(file);
  }));
  const check = ({ total, tensors: measured }: DifferenceByTensor, expected: Record<string, Difference>): void => {
    expect(measured.map(({ name }) => name).sort()).toEqual(Object.keys(tensors).sort());
    for (const { name, ...difference } of [{ name: 'total', ...total }, ...measured]) {
      for (const [key, value] of Object.entries(difference)) {
        const wanted = expected[name]![key as keyof Difference];
        if (wanted === null) expect([name, key, value]).toEqual([name, key, null]);
        else expect([name, key, Math.abs(value! - wanted) < 1e-12 * Math.max(1, Math.abs(wanted))]).toEqual([name, key, true]);
      }
    }
  };
  check(await differenceByTensor(first!, base!), toBase);
  check(await taskVectorsByTensor(first!, second!, base!), taskVectors);
});
