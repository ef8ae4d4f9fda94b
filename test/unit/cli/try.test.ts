import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { assetPath } from '../../../src/assets';

const fixtures = path.join(__dirname, '../../fixtures/text');
const adapter = path.join(fixtures, 'adapters/llama3');

function run(...argv: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [assetPath('cli.js'), 'try', ...argv], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('texts of base, expert and soup, and a table of their metrics', () => {
  const { status, stdout, stderr } = run(adapter, '--prompt', 't2 t3', '--max-new-tokens', '6', '--temperature', '0');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^prompt: t2 t3\n\nllama3 1:\n {2}t\d.*\nbase:\n {2}t\d.*\nllama3:\n {2}t\d/);
  expect(stdout).toMatch(/\n +llama3 1 +base +llama3\nlength +6 +6 +6\n/);
});

test('--json: one object, with the scores of every point', () => {
  const { status, stdout } = run(adapter, '--prompt', 't2 t3', '--reference', 't9', '--max-new-tokens', '4', '--json');
  expect(status).toBe(0);
  const { base, run: origin, points } = JSON.parse(stdout) as { base: string; run: null; points: { kind: string; weights: object | null; text: string; scores: { name: string; value: number }[] }[] };
  expect([base, origin]).toEqual([path.join(fixtures, 'models/llama3'), null]);
  expect(points.map(({ kind, weights }) => [kind, weights])).toEqual([['soup', { llama3: 1 }], ['init', null], ['expert', null]]);
  expect(points[0]!.scores.map(({ name }) => name)).toEqual(expect.arrayContaining(['rouge1', 'kl']));
});

test.each([
  ['no prompt', [adapter], /--prompt is missing/],
  ['λ beside the simplex', [adapter, '--prompt', 't2', '-w', '0.4'], /sum is 0\.4/],
  ['a wrong space', [adapter, '--prompt', 't2', '--space', 'outer'], /give factor or delta/],
  ['a base of another model', [adapter, '--prompt', 't2', '--base', path.join(fixtures, 'models/gpt2')], /adapters\/llama3: .*base model/],
  ['a prompt that is too long', [adapter, '--prompt', 't2', '--max-new-tokens', '500'], /more than the model's 64/],
  ['nothing there', [path.join(fixtures, 'none')], /none/],
])('%s: one clear line, exit code 2', (_, argv, message) => {
  const { status, stdout, stderr } = run(...argv);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/\n {4}at /);
});
