import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { greedyCommand } from '../../../src/cli/greedy';
import { blend } from '../../../src/merge/blend';

const [a, b, c] = ['a', 'b', 'c'].map((name) => path.join(__dirname, `../../fixtures/safetensors/expert-${name}.safetensors`));
const third = 1 / 3;
// by hand: b is the best alone, with c it is better still, and with a it is not
const rows = [
  ['expert', 1, 0, 0, 0.5, 9], ['expert', 0, 1, 0, 0.6, 9], ['expert', 0, 0, 1, 0.55, 9],
  ['soup', 0, 0.5, 0.5, 0.62, 9], ['soup', third, third, third, 0.61, 9], ['soup', 0.5, 0.5, 0, 0.99, 9], ['soup', 0, 0.4, 0.6, 0.99, 9],
];
let root: string;
let out: string;
let said: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'soup-'));
  out = said = '';
  writeFileSync(path.join(root, 'results.csv'), ['kind,w:a,w:b,w:c,r:quality,r:other', ...rows.map((row) => row.join(','))].join('\n'));
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => (out += String(text), true));
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => (said += String(text), true));
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(root, { recursive: true });
});
const results = () => path.join(root, 'results.csv');
const greedy = (...args: string[]) => greedyCommand().exitOverride().parseAsync([a, b, c, '-o', path.join(root, 'greedy'), ...args], { from: 'user' });
const data = (directory: string) => {
  const bytes = readFileSync(path.join(root, directory, 'model.safetensors'));
  return bytes.subarray(8 + Number(bytes.readBigUInt64LE())).toString('hex');
};

test('a greedy soup from the points of a sweep', async () => {
  await greedy('--results', results(), '--preference', 'quality', '--json');
  const found = JSON.parse(out) as Record<string, unknown>;
  expect(found).toMatchObject({ members: ['b', 'c'], score: 0.62, steps: [{ expert: 'b', score: 0.6, isTaken: true }, { expert: 'c', score: 0.62, isTaken: true }, { expert: 'a', score: 0.61, isTaken: false }] });
  expect(said).toBe('a: 0.5\nb: 0.6\nc: 0.55\nb + c: 0.62\nb + c + a: 0.61\n');
  await blend({ inputs: [b, c], weights: [0.5, 0.5], output: path.join(root, 'mean') });
  expect(data('greedy')).toBe(data('mean'));
});

test('the preference is an expression of rewards, and known scores are taken as they are', async () => {
  await greedy('--results', results(), '--preference', '2*quality + 0*other', '--scores', 'a=0.2');
  expect(out).toMatch(/mean of b, c, score 1.24\n {2}\+ b +1.2\n {2}\+ c +1.24\n {2}- a +1.22\n/);
});

test.each<[readonly string[], string, RegExp]>([
  [['--results', 'RESULTS'], 'OptionError', /needs a --preference/],
  [[], 'OptionError', /either --evaluate .* or --results/],
  [['--results', 'RESULTS', '--preference', 'quality', '--evaluate', 'true'], 'OptionError', /either --evaluate/],
  [['--results', 'RESULTS', '--preference', 'quality', '--scores', 'd=1'], 'OptionError', /d is no checkpoint of this call — they are a, b, c/],
  [['--results', 'RESULTS', '--preference', 'quality', '--scores', '0.5'], 'OptionError', /write them by name/],
  [['--results', 'RESULTS', '--preference', 'quality', '--scores', 'a=2'], 'NotEvaluatedError', /holds no mean of a, c — evaluate λ = a=0.5000,c=0.5000/],
])('%j: %s', async (args, name, message) => {
  await expect(greedy(...args.map((arg) => (arg === 'RESULTS' ? results() : arg)))).rejects.toMatchObject({ name, message: expect.stringMatching(message) as string });
  expect(existsSync(path.join(root, 'greedy'))).toBe(false);
});

test('a command scores the candidates; nothing of them is left', async () => {
  const script = path.join(root, 'score.cjs');
  // prefers files of the name c, and any mean to a single one
  writeFileSync(script, "console.log('loss 3.0'); console.log(process.env.SOUP.endsWith('expert-c.safetensors') ? 2 : process.env.SOUP.endsWith('.safetensors') ? 1 : 3)");
  await greedy('--evaluate', `${process.execPath} ${script}`, '--json');
  expect(JSON.parse(out)).toMatchObject({ members: ['c', 'a', 'b'], score: 3 });
  expect(said.split('\n')[0]).toBe('a: 1');
  await expect(greedy('--evaluate', 'exit 3', '--force')).rejects.toMatchObject({ name: 'EvaluationError', isInput: false });
});

test('what would be refused after the evaluations is refused before them; missing directories are made', async () => {
  const [output, evaluate] = ['not/there/yet', ['--evaluate', 'echo 1']] as const;
  await greedy(...evaluate, '-o', path.join(root, output));
  expect(existsSync(path.join(root, output, 'soup.json'))).toBe(true);
  said = '';
  await expect(greedy(...evaluate, '-o', path.join(root, output))).rejects.toMatchObject({ name: 'OutputExistsError' });
  const mixed = path.join(__dirname, '../../fixtures/adapters/llama');
  await expect(greedyCommand().exitOverride().parseAsync([a, mixed, ...evaluate, '-o', path.join(root, 'mixed')], { from: 'user' })).rejects.toMatchObject({ name: 'PreflightError' });
  expect(said).toBe('');
});
