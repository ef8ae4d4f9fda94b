import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { assetPath } from '../../../src/assets';

const directory = mkdtempSync(path.join(tmpdir(), 'select-'));
afterAll(() => rmSync(directory, { recursive: true }));

function select(text: string, name: string, ...argv: string[]) {
  const file = path.join(directory, name);
  writeFileSync(file, text);
  const { status, stdout, stderr } = spawnSync(process.execPath, [assetPath('cli.js'), 'select', file, ...argv], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

const csv = 'kind,w:a,w:b,r:x,r:y\nexpert,1,0,4,0\nexpert,0,1,0,4\nsoup,0.5,0.5,3,3\n';
const line = (kind: string, a: number, x: number, y: number) => {
  const of = (level: number) => ({ mean: level, n: 8, samples: [-3, 3, -1, 1, 2, -2, 0, 0].map((noise) => level + noise / 10) });
  return JSON.stringify({ kind, name: `a ${a}`, weights: { a, b: 1 - a }, rewards: { x: of(x), y: of(y) } });
};
const jsonl = [line('expert', 1, 4, 0), line('expert', 0, 0, 4), line('soup', 0.5, 3, 3), ''].join('\n');

test('a table of means: λ by the means, and it says so', () => {
  const { status, stdout } = select(csv, 'means.csv', '--preference', '0.7*x + 0.3*y');
  expect(status).toBe(0);
  expect(stdout).toContain('λ = a 0.5, b 0.5 for 0.7*x + 0.3*y');
  expect(stdout).toContain('hold no samples');
});

test('--json of paired samples: value, interval and regret against the best expert', () => {
  const { status, stdout, stderr } = select(jsonl, 'results.jsonl', '--preference', 'min(x, y)', '--folds', '4', '--json');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({
    preference: 'min(x, y)', appliesTo: 'samples', weights: { a: 0.5, b: 0.5 }, value: { estimate: expect.closeTo(3, 9) },
    regret: { expert: 'a', estimate: expect.closeTo(-3, 9) }, validation: { samples: 8, folds: 4, repeats: 10 }, stability: [{ share: 1 }],
  });
});

test.each([
  ['no preference', [], /required option '--preference/],
  ['an unknown reward', ['--preference', 'x + why'], /unknown metric or reward "why"/],
  ['a preference on samples that are not there', ['--preference', 'x', '--applies-to', 'samples'], /hold no samples/],
  ['a bad scope', ['--preference', 'x', '--applies-to', 'both'], /Allowed choices are samples, means/],
])('%s: one clear line, exit code 2', (_, argv, message) => {
  const { status, stdout, stderr } = select(csv, 'means.csv', ...argv);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/\n {4}at /);
});
