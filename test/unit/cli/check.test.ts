import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { assetPath } from '../../../src/assets';

const directory = mkdtempSync(path.join(tmpdir(), 'check-'));
afterAll(() => rmSync(directory, { recursive: true }));

function soup(...argv: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [assetPath('cli.js'), ...argv], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

function resultsFile(name: string, text: string): string {
  const file = path.join(directory, name);
  writeFileSync(file, text);
  return file;
}

const table = 'kind,w:a,w:b,r:x\nexpert,1,0,2\nexpert,0,1,4\nsoup,0.5,0.5,3.25\n';

test('--json prints one object of the documented shape', () => {
  const { status, stdout, stderr } = soup('check', resultsFile('good.csv', table), '--json');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const report = JSON.parse(stdout);
  expect(report.verdict).toBe('holds');
  expect(report.rewards.x).toMatchObject({ verdict: 'holds', points: [{ weights: { a: 0.5, b: 0.5 }, value: 3.25, chord: 3, margin: 0.25, ci: null, pValue: null }], worst: { margin: 0.25 } });
});

test('findings stand in --json and in words; the report has them, and the soup selected for a preference', () => {
  const same = resultsFile('same.csv', 'kind,w:a,w:b,r:x,r:y\nexpert,1,0,2,2\nexpert,0,1,2,2\nsoup,0.5,0.5,2,2\n');
  expect(JSON.parse(soup('check', same, '--json').stdout).findings).toMatchObject([{ kind: 'identical-points', severity: 'problem' }]);
  expect(soup('check', same).stdout).toContain('problem: all 3 soups and experts have the same values');
  const output = path.join(directory, 'report-same');
  expect(soup('report', same, '-o', output, '--preference', 'min(x, y)').status).toBe(0);
  const html = readFileSync(path.join(output, 'index.html'), 'utf8');
  expect(html).toContain('Diagnosis');
  expect(html).toContain('for min(x, y)');
});

test('front and report read the same table', () => {
  const file = resultsFile('good.csv', table);
  expect(JSON.parse(soup('front', file, '--reference', '1,', '--json').stdout || 'null')).toBeNull();
  expect(JSON.parse(soup('front', file, '--reference', '1', '--json').stdout).hypervolume).toEqual({ soup: 3, morl: null });
  const { status, stdout } = soup('report', file, '-o', path.join(directory, 'report'));
  expect(status).toBe(0);
  expect(stdout.trim()).toMatch(/index\.html$/);
});

test('a variant has results of its own: check, front, select and report read them', () => {
  const file = resultsFile('exp.soup.yaml', `name: exp
task: { type: locomotion, environment: half-cheetah }
rewards: { a: velocity, b: -energy }
train: { steps: 100 }
variants: { small: { sweep: { samples: 2 } } }
`);
  const sweep = path.join(directory, 'runs', 'exp-small', 'sweep');
  mkdirSync(sweep, { recursive: true });
  const line = (kind: string, a: number, value: number) => JSON.stringify({ kind, name: `${kind} ${a}`, weights: { a, b: 1 - a }, rewards: { a: { mean: value }, b: { mean: -value } } });
  writeFileSync(path.join(sweep, 'results.jsonl'), [line('expert', 1, 2), line('expert', 0, 0), line('soup', 0.5, 1.5)].map((row) => `${row}\n`).join(''));
  expect(soup('check', file)).toMatchObject({ status: 2, stderr: expect.stringContaining('exp holds no sweep') });
  for (const argv of [['check'], ['front'], ['select', '--preference', 'a'], ['report']]) {
    expect(soup(argv[0]!, file, ...argv.slice(1), '--variant', 'small')).toMatchObject({ status: 0, stderr: '' });
  }
  expect(readFileSync(path.join(directory, 'runs', 'exp-small', 'report', 'index.html'), 'utf8')).toContain('exp-small');
  expect(soup('check', file, '--variant', 'smal')).toMatchObject({ status: 2, stderr: expect.stringContaining('did you mean "small"') });
  expect(soup('check', resultsFile('good.csv', table), '--variant', 'small')).toMatchObject({ status: 2, stderr: expect.stringContaining('no experiment file') });
});

test.each([
  ['no such file', ['check', '/nowhere.csv'], /cannot be read/],
  ['weights off the simplex', ['check', () => resultsFile('off.csv', table.replace('0.5,0.5', '0.5,0.6'))], /off\.csv:4: the weights sum to 1\.1, not 1/],
  ['a missing expert', ['check', () => resultsFile('missing.csv', table.replace('expert,1,0,2\n', ''))], /expert a was not evaluated/],
  ['a bad level', ['check', () => resultsFile('good.csv', table), '--alpha', '2'], /--alpha "2"/],
  ['a bad reference', ['front', () => resultsFile('good.csv', table), '--reference', '1,two'], /init, nadir, or one number/],
  ['an unknown command', ['cook'], /unknown command/],
])('%s: one clear line, exit code 2', (_, argv, message) => {
  const { status, stdout, stderr } = soup(...argv.map((part) => (typeof part === 'function' ? part() : part)));
  expect(status).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/\n {4}at /);
});

test('a reader that goes away before it has read all is no failure', () => {
  const { stderr } = spawnSync('sh', ['-c', `"${process.execPath}" "${assetPath('cli.js')}" front "${resultsFile('gone.csv', table)}" | true`], { encoding: 'utf8' });
  expect(stderr).toBe('');
});
