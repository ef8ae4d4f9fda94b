import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileIdentity, KnownDigests } from '../../../src/checkpoint/known-digests';
import { InputHashes } from '../../../src/merge/input-hashes';

let root: string;
const cacheHome = process.env.XDG_CACHE_HOME;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'hashes-'));
  process.env.XDG_CACHE_HOME = path.join(root, 'cache');
});
afterEach(() => {
  rmSync(root, { recursive: true });
  if (cacheHome === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = cacheHome;
});

const sha256Of = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

/** Two files, of the first of which a digest is known: a made-up one, to tell it from what is computed. */
function files(): { known: string; fresh: string; madeUp: string } {
  const [known, fresh] = ['known', 'fresh'].map((name) => {
    const file = path.join(root, name);
    writeFileSync(file, name);
    truncateSync(file, 1 << 25);
    return file;
  });
  const madeUp = 'ab'.repeat(32);
  new KnownDigests().remember([{ identity: { ...fileIdentity(known), isSettled: true }, sha256: madeUp }]);
  return { known, fresh, madeUp };
}

test('only what is not known has to be hashed', async () => {
  const { known, fresh, madeUp } = files();
  const hashes = new InputHashes([known, fresh]);
  expect(hashes.unknown).toEqual([fresh]);
  expect(await hashes.complete([[fresh, sha256Of(fresh)]])).toEqual(new Map([[known, madeUp], [fresh, sha256Of(fresh)]]));
});

test('a known file that is written during the merge is hashed', async () => {
  const { known } = files();
  const hashes = new InputHashes([known]);
  writeFileSync(known, 'x', { flag: 'r+' });
  expect(await hashes.complete([])).toEqual(new Map([[known, sha256Of(known)]]));
});
