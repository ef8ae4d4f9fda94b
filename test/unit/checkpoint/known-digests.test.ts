import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileIdentity, KnownDigests, type FileIdentity } from '../../../src/checkpoint/known-digests';

let root: string;
let store: string;
let file: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'digests-'));
  store = path.join(root, 'cache', 'digests');
  file = path.join(root, 'model.safetensors');
  writeFileSync(file, '');
  truncateSync(file, 1 << 25);
});
afterEach(() => rmSync(root, { recursive: true }));

const sha256 = 'ab'.repeat(32);
/** As if the file had been there for long. */
const settled = (): FileIdentity => ({ ...fileIdentity(file), isSettled: true });
const remember = (identity: FileIdentity): void => new KnownDigests(store).remember([{ identity, sha256 }]);
const known = (): string | undefined => new KnownDigests(store).get(fileIdentity(file));

test('a digest is known to the next process', () => {
  remember(settled());
  expect(known()).toBe(sha256);
});

test('a file that was written has no known digest, even where size and time of modification are put back', () => {
  const identity = settled();
  const past = new Date(2001, 0);
  utimesSync(file, past, past);
  remember(settled());
  expect(known()).toBe(sha256);
  writeFileSync(file, 'x', { flag: 'r+' });
  utimesSync(file, past, past);
  expect(known()).toBeUndefined();
  expect(new KnownDigests(store).get(identity)).toBeUndefined();
});

test('nothing is kept of a file that changed while it was hashed, was changed just now, or is small', () => {
  const before = settled();
  appendFileSync(file, 'x');
  remember(before);
  remember({ ...fileIdentity(file), isSettled: false });
  truncateSync(file, 1000);
  remember(settled());
  expect(known()).toBeUndefined();
  expect(fileIdentity(file).isSettled).toBe(false);
});

test('what others stored stays, damaged lines do not count, and a store that cannot be written is no error', () => {
  const identity = settled();
  const [first, second] = [new KnownDigests(store), new KnownDigests(store)];
  first.remember([{ identity, sha256 }]);
  appendFileSync(store, 'nonsense\n0123 1:2\n');
  const other = path.join(root, 'other.safetensors');
  writeFileSync(other, '');
  truncateSync(other, 1 << 25);
  second.remember([{ identity: { ...fileIdentity(other), isSettled: true }, sha256: 'cd'.repeat(32) }]);
  expect(known()).toBe(sha256);
  expect(readFileSync(store, 'utf8').split('\n')).toHaveLength(3);
  expect(() => new KnownDigests(path.join(file, 'digests')).remember([{ identity, sha256 }])).not.toThrow();
});
