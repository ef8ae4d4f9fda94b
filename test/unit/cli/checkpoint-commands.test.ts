import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import { blendCommand } from '../../../src/cli/blend';
import { compareCommand } from '../../../src/cli/compare';
import { inspectCommand } from '../../../src/cli/inspect';
import { formatBytes } from '../../../src/cli/interruption';

const [a, b] = ['a', 'b'].map((name) => path.join(__dirname, `../../fixtures/safetensors/expert-${name}.safetensors`));
let root: string;
let out: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'soup-'));
  out = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => (out += String(text), true));
  jest.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(root, { recursive: true });
});
const run = (command: Command, ...args: string[]) => command.exitOverride().parseAsync(args, { from: 'user' });

test('blend --json prints one object; negative weights reach the rules', async () => {
  await run(blendCommand(), a, b, '--weights', 'b=0.75,a=0.25', '-o', path.join(root, 'x'), '--json');
  expect(JSON.parse(out)).toMatchObject({ weights: { a: 0.25, b: 0.75 }, tensorCount: 5 });
  await expect(run(blendCommand(), a, b, '--weights', '-0.5,1.5', '-o', path.join(root, 'y'))).rejects.toMatchObject({ name: 'InvalidWeightsError' });
  await run(blendCommand(), a, b, '--weights', '-0.5,1.5', '--extrapolate', '-o', path.join(root, 'y'));
});

test.each([
  [['--weights', '0.5,0.6'], 'InvalidWeightsError'],
  [['--weights', '0.5,abc'], 'InvalidWeightsError'],
  [['--weights', '1,0', '--dtype', 'int4'], 'UnknownDtypeError'],
  [['--weights', '1,0', '--method', 'magic'], 'UnknownMethodError'],
  [['--weights', '1,0', '--base', '/nowhere'], 'CheckpointNotFoundError'],
])('blend %j: %s', async (args, name) => {
  await expect(run(blendCommand(), a, b, ...args, '-o', path.join(root, 'x'))).rejects.toMatchObject({ name, isInput: true });
});

test('inspect and compare print JSON and text', async () => {
  await run(inspectCommand(), a, '--json');
  expect(JSON.parse(out)).toMatchObject({ kind: 'file', tensorCount: 5, metadata: { 'soup.name': 'a' } });
  out = '';
  await run(compareCommand(), a, b, '--base', a, '--json');
  expect(JSON.parse(out)).toMatchObject({ norms: { a: 0 }, pairs: [{ a: 'a', b: 'b', cosine: null, signConflict: null }] });
  out = '';
  await run(inspectCommand(), a);
  await run(compareCommand(), a, b);
  expect(out).toMatch(/5 tensors[^]*bf16 +BF16 \[3, 37\][^]*a and b: cosine/);
  await expect(run(compareCommand(), a)).rejects.toMatchObject({ name: 'CompareCallError' });
});

test('sizes', () => {
  expect([0, 1023, 1536, 3 * 2 ** 30].map(formatBytes)).toEqual(['0 B', '1023 B', '1.5 KiB', '3.0 GiB']);
});
