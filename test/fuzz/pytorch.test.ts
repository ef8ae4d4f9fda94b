import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readPytorchFile } from '../../src/checkpoint/pytorch/pytorch-file';
import { stateDict } from '../../src/checkpoint/pytorch/state-dict';
import { wholePickle } from '../../src/checkpoint/pytorch/unpickle';
import { SoupError } from '../../src/errors';
import { fuzzRuns, plainMutations, Random } from './random';

const fixtures = path.join(__dirname, '../fixtures/pytorch');
const files = ['every.pt', 'legacy.pt', 'nested.pt', 'protocol4.pt', 'evil.pt'].map((name) => readFileSync(path.join(fixtures, name)));
// the pickle alone: in an archive most damage meets the zip directory first
const pickles = files.filter((bytes) => bytes[0] === 0x50).map((bytes) => {
  const start = bytes.indexOf('\x80\x02', 0, 'latin1') >= 0 ? bytes.indexOf('\x80\x02', 0, 'latin1') : bytes.indexOf('\x80\x04', 0, 'latin1');
  return bytes.subarray(start, bytes.indexOf('PK', start, 'latin1'));
});
const outcomes = new Map<string, number>();
function accountFor(error: unknown, seed: number): void {
  if (!(error instanceof SoupError)) throw new Error(`case ${seed}: not a named error`, { cause: error });
  outcomes.set(error.name, (outcomes.get(error.name) ?? 0) + 1);
}
function mutated(originals: readonly Buffer[], seed: number): Buffer {
  const random = new Random(seed);
  let bytes: Buffer = random.pick(originals);
  for (let n = 1 + random.below(3); n > 0; n--) bytes = random.pick(plainMutations)(bytes, random);
  return bytes;
}

test(`${fuzzRuns} damaged pickles: plain values or refused by name`, () => {
  for (let seed = 0; seed < fuzzRuns; seed++) {
    try {
      stateDict(wholePickle(mutated(pickles, seed), 'x').value, 'x');
    } catch (error) {
      accountFor(error, seed);
    }
  }
  for (const name of ['UnsafePickleError', 'MalformedPickleError']) expect(outcomes.get(name)).toBeGreaterThan(fuzzRuns / 100);
}, 600_000);

test(`${fuzzRuns / 20} damaged PyTorch files: tensors inside the file or refused by name`, async () => {
  const root = mkdtempSync(path.join(tmpdir(), 'soup-'));
  const file = path.join(root, 'x.pt');
  try {
    for (let seed = 0; seed < fuzzRuns / 20; seed++) {
      writeFileSync(file, mutated(files, seed));
      try {
        for (const { position, begin, end } of await readPytorchFile(file)) expect(position + end - begin).toBeLessThanOrEqual(statSync(file).size);
      } catch (error) {
        accountFor(error, seed);
      }
    }
  } finally {
    rmSync(root, { recursive: true });
  }
}, 600_000);
