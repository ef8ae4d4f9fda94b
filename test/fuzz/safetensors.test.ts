import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openCheckpoint } from '../../src/checkpoint/checkpoint';
import { openTensorReader } from '../../src/checkpoint/tensor-reader';
import { headerLength, parseHeader, type SafetensorsHeader } from '../../src/checkpoint/safetensors-header';
import { SoupError } from '../../src/errors';
import { fuzzRuns, plainMutations, Random, type Mutation } from './random';

const fixtures = path.join(__dirname, '../fixtures/safetensors');
const originals = ['every-dtype', 'torch', 'expert-a'].map((name) => readFileSync(path.join(fixtures, `${name}.safetensors`)));

/** The header as text, changed and put back with the length that is true. */
const inHeader = (change: (json: string, random: Random) => string): Mutation => (bytes, random) => {
  const length = Math.min(bytes.length - 8, bytes.length < 8 ? 0 : Number(bytes.readBigUInt64LE(0) & 0xffffffffn));
  if (length < 1) return bytes;
  const json = Buffer.from(change(bytes.subarray(8, 8 + length).toString('latin1'), random), 'latin1');
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([prefix, json, bytes.subarray(8 + length)]);
};
const numbers = ['0', '-1', '1', '7', '0.5', '1e308', '-0', '4294967296', '9007199254740991', '9007199254740993', '18446744073709551615', 'null', '"8"', '[]', '{}'];
const words = ['"F4"', '"F6_E2M3"', '"C64"', '"BOOL"', '"F8_E4M3"', '"Q4"', '""', 'null', '3', '"dtype"', '"__metadata__"', '"__proto__"', '"\\u0000"', '"constructor"'];
const replaceOne = (pattern: RegExp, by: readonly string[]) => inHeader((json, random) => {
  const places = [...json.matchAll(pattern)];
  if (places.length === 0) return json;
  const { index, 0: found } = random.pick(places);
  return json.slice(0, index) + random.pick(by) + json.slice(index + found.length);
});
const mutations: readonly Mutation[] = [
  ...plainMutations,
  (bytes, random) => {
    const copy = Buffer.from(bytes);
    if (copy.length >= 8) copy.writeBigUInt64LE(BigInt(random.pick([0, 1, 2, copy.length - 8, copy.length - 7, 1e8, 1e8 + 1, 2 ** 40])) << BigInt(random.pick([0, 0, 0, 20])) & 0xffffffffffffffffn);
    return copy;
  },
  replaceOne(/\d+/g, numbers),
  replaceOne(/"[^"]*"/g, words),
  // a tensor of the right size in the wrong place
  inHeader((json, random) => {
    const shift = random.below(33) - 16;
    const chosen = random.below(24);
    let n = 0;
    return json.replace(/\[(\d+),(\d+)\]\}/g, (found, begin: string, end: string) => (n++ === chosen ? `[${Number(begin) + shift},${Number(end) + shift}]}` : found));
  }),
  inHeader((json, random) => json.slice(0, random.below(json.length)) + '['.repeat(1 + random.below(200))),
  inHeader((json, random) => {
    const at = random.below(json.length);
    return json.slice(0, at) + random.pick(['{', '}', '[', ']', ',', ':', '"', '\\', '\n', '\u00ff']) + json.slice(at);
  }),
];

/** Whatever is accepted has its tensors inside the file, each as large as its type and shape say. */
function checkInside({ tensors, dataOffset }: SafetensorsHeader, sizeBytes: number): void {
  let end = dataOffset;
  for (const tensor of tensors.values()) {
    expect(dataOffset + tensor.begin).toBe(end);
    end = dataOffset + tensor.end;
  }
  expect(end).toBe(sizeBytes);
}

const outcomes = new Map<string, number>();
function accountFor(error: unknown, seed: number): void {
  if (!(error instanceof SoupError)) throw new Error(`case ${seed}: not a named error`, { cause: error });
  outcomes.set(error.name, (outcomes.get(error.name) ?? 0) + 1);
}

function mutated(seed: number): Buffer {
  const random = new Random(seed);
  let bytes: Buffer = random.pick(originals);
  for (let n = 1 + random.below(3); n > 0; n--) bytes = random.pick(mutations)(bytes, random);
  return bytes;
}

let root: string;
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'soup-'));
});
afterAll(() => rmSync(root, { recursive: true }));

// the runner's own limit is what finds a hang: a case takes microseconds
test(`${fuzzRuns} damaged headers in memory: read inside the file or refused by name`, () => {
  for (let seed = 0; seed < fuzzRuns; seed++) {
    const bytes = mutated(seed);
    try {
      const prefix = new Uint8Array(8);
      prefix.set(bytes.subarray(0, 8));
      const length = headerLength(prefix, bytes.length, 'x');
      checkInside(parseHeader(new Uint8Array(bytes.subarray(8, 8 + length)), bytes.length, 'x'), bytes.length);
    } catch (error) {
      accountFor(error, seed);
    }
  }
  // the mutations reach every rule of the format
  for (const name of ['NotSafetensorsError', 'HeaderTooLargeError', 'MalformedHeaderError', 'UnknownDtypeError', 'TensorSizeError', 'OverlappingTensorsError', 'HoleInDataError', 'TruncatedFileError', 'TrailingBytesError', 'DuplicateNameError']) expect([...outcomes.keys()]).toContain(name);
}, 600_000);

test(`${fuzzRuns / 20} damaged files on the disk: opened and read to the end, or refused by name`, async () => {
  const file = path.join(root, 'x.safetensors');
  for (let seed = 0; seed < fuzzRuns / 20; seed++) {
    writeFileSync(file, mutated(seed));
    const reader = openTensorReader();
    try {
      const { tensors } = await openCheckpoint(file);
      for (const tensor of tensors.values()) await reader.read(tensor, 0, new Uint8Array(tensor.end - tensor.begin));
    } catch (error) {
      accountFor(error, seed);
    } finally {
      await reader.close();
    }
  }
}, 600_000);
