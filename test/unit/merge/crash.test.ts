import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { writeSafetensors } from '../../../src/checkpoint/safetensors';
import { blend } from '../../../src/merge/blend';

const cli = path.join(__dirname, '../../../dist/cli.js');
let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'crash-'));
});
afterEach(() => rmSync(root, { recursive: true }));

async function experts(megabytes: number): Promise<string[]> {
  const elements = (megabytes << 20) / 4 / 8;
  const data = new Uint8Array(new Float32Array(elements).fill(0.25).buffer);
  return Promise.all(['a', 'b'].map(async (name) => {
    const file = path.join(root, `${name}.safetensors`);
    await writeSafetensors(file, Array.from({ length: 8 }, (_, i) => ({ name: `w${i}`, dtype: 'F32' as const, shape: [elements], data })));
    return file;
  }));
}

/** Runs a blend and kills it with SIGKILL once its unfinished directory has been there for `afterMs`; false when it had ended before. */
async function blendKilled(inputs: readonly string[], directory: string, afterMs: number): Promise<boolean> {
  const child = spawn(process.execPath, [cli, 'blend', ...inputs, '--weights', '0.5,0.5', '-o', path.join(directory, 'soup')], { stdio: 'ignore' });
  const ended = new Promise<boolean>((resolve) => child.on('exit', (_code, signal) => resolve(signal === 'SIGKILL')));
  while (child.exitCode === null && !readdirSync(directory).some((name) => name.endsWith('.tmp'))) await setTimeout(5);
  await setTimeout(afterMs);
  child.kill('SIGKILL');
  return ended;
}

test('killed at any moment, the output is absent or complete, and the next try succeeds', async () => {
  const inputs = await experts(48);
  const expected = path.join(root, 'expected');
  await blend({ inputs, weights: [0.5, 0.5], output: expected });
  const complete = readFileSync(path.join(expected, 'model.safetensors'));
  let kills = 0;
  for (const afterMs of [0, 20, 80, 200, 500]) {
    const directory = path.join(root, String(afterMs));
    mkdirSync(directory);
    if (await blendKilled(inputs, directory, afterMs)) kills++;
    const output = path.join(directory, 'soup');
    const isDone = existsSync(output);
    if (!isDone) await blend({ inputs, weights: [0.5, 0.5], output });
    // the name is in the header, and the same
    expect(readFileSync(path.join(output, 'model.safetensors')).subarray(4096).equals(complete.subarray(4096))).toBe(true);
    expect(readdirSync(output).sort()).toEqual(['README.md', 'model.safetensors', 'soup.json']);
    // the next one has removed what the killed one left
    if (!isDone) expect(readdirSync(directory)).toEqual(['soup']);
  }
  expect(kills).toBeGreaterThan(0);
});

function mountSmallDisk(disk: string): boolean {
  mkdirSync(disk);
  return process.platform === 'linux' && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk]).status === 0;
}

const unmount = (disk: string) => spawnSync('umount', [disk]);

/** Only root may mount a small file system. */
const canMount = ((): boolean => {
  const probe = mkdtempSync(path.join(tmpdir(), 'mount-'));
  const disk = path.join(probe, 'disk');
  const isMounted = mountSmallDisk(disk);
  if (isMounted) unmount(disk);
  rmSync(probe, { recursive: true });
  return isMounted;
})();

(canMount ? describe : describe.skip)('a full disk (needs the right to mount)', () => {
  let disk: string;
  beforeEach(() => {
    disk = path.join(root, 'disk');
    mountSmallDisk(disk);
  });
  afterEach(() => {
    unmount(disk);
  });

  test('is said before anything is written', async () => {
    const inputs = await experts(16);
    await expect(blend({ inputs, weights: [0.5, 0.5], output: path.join(disk, 'soup') })).rejects.toMatchObject({ name: 'DiskFullError', isInput: false, message: expect.stringMatching(/disk\/soup: \d+ bytes are needed and \d+ are free/) as string });
    expect(readdirSync(disk)).toEqual([]);
  });

  test('that fills up meanwhile leaves nothing, and with room again the next try succeeds', async () => {
    const inputs = await experts(6);
    const other = path.join(disk, 'other');
    const options = { inputs, weights: [0.5, 0.5], output: path.join(disk, 'soup') };
    // the first report comes once the space has been looked at
    const fill = () => existsSync(other) || spawnSync('dd', ['if=/dev/zero', `of=${other}`, 'bs=1M', 'count=4']);
    await expect(blend({ ...options, onProgress: fill })).rejects.toMatchObject({ name: 'DiskFullError', isInput: false, message: expect.stringMatching(/disk\/soup\/model.safetensors: the disk is full, nothing was written/) as string });
    expect(readdirSync(disk)).toEqual(['other']);
    rmSync(other);
    await blend(options);
    expect(existsSync(path.join(disk, 'soup', 'model.safetensors'))).toBe(true);
  });
});
