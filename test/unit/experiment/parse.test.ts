import { parseExperiment } from '../../../src/experiment/parse';

const file = `name: demo
task: { type: locomotion, environment: half-cheetah, episodeSteps: 400 }
rewards:
  risky: velocity
  cautious: velocity - 3.0 * energy
train: { algorithm: ppo, steps: 4096 }
morl:
  - weights: { risky: 0.5, cautious: 0.5 }
variants:
  full: { train: { steps: 100000 } }
`;

/** The first diagnostic as `line:column code message`, one-based, with the text that it underlines. */
function firstOf(text: string): { readonly at: string; readonly code: string; readonly message: string; readonly underlined: string } {
  const { diagnostics, experiment } = parseExperiment(text);
  expect(experiment).toBeNull();
  const { range, code, message } = diagnostics[0]!;
  const line = text.split('\n')[range.start.line] ?? '';
  return { at: `${range.start.line + 1}:${range.start.character + 1}`, code, message, underlined: line.slice(range.start.character, range.end.line === range.start.line ? range.end.character : undefined) };
}

test('fills in defaults', () => {
  const { experiment, diagnostics } = parseExperiment(file);
  expect(diagnostics).toEqual([]);
  expect(experiment).toMatchObject({ seed: 0, backend: 'auto', sweep: { grid: 11, samples: 64 }, train: { minibatch: 2048, learningRate: 3e-4 }, base: {}, experts: {} });
});

test('lays a variant over the rest, under a name of its own', () => {
  const { experiment } = parseExperiment(file, { variant: 'full' });
  expect(experiment).toMatchObject({ name: 'demo-full', train: { steps: 100000, algorithm: 'ppo' }, task: { episodeSteps: 400 } });
});

test.each([
  ['a metric that is mistyped', 'risky: velocity\n', 'risky: velocty\n', { at: '4:10', code: 'unknown-name', underlined: 'velocty', message: expect.stringContaining('did you mean "velocity"') }],
  ['a quoted expression', 'risky: velocity\n', 'risky: "2 * energi"\n', { at: '4:15', code: 'unknown-name', underlined: 'energi' }],
  ['a key that is mistyped', 'train: { algorithm', 'trian: { algorithm', { at: '6:1', code: 'unknown-key', underlined: 'trian', message: 'unknown key "trian" — did you mean "train"?' }],
  ['a nested key that is mistyped', 'steps: 4096 }', 'steps: 4096, learningrate: 1 }', { at: '6:39', code: 'unknown-key', underlined: 'learningrate' }],
  ['a value of the wrong type', 'steps: 4096 }', 'steps: many }', { at: '6:33', code: 'wrong-value', underlined: 'many', message: 'train.steps: expected a number, got "many"' }],
  ['a missing key', 'algorithm: ppo, steps: 4096', 'algorithm: ppo', { at: '6:1', code: 'missing-key', underlined: 'train' }],
  ['weights off the simplex', '{ risky: 0.5, cautious: 0.5 }', '{ risky: 0.5, cautious: 0.6 }', { at: '8:14', code: 'weights', message: expect.stringContaining('1.1') }],
  ['an unknown expert', '{ risky: 0.5, cautious: 0.5 }', '{ riski: 0.5, cautious: 0.5 }', { at: '8:16', code: 'unknown-expert', underlined: 'riski', message: expect.stringContaining('did you mean "risky"') }],
  ['a key that stands twice', '  risky: velocity\n', '  risky: velocity\n  risky: energy\n', { at: '5:3', code: 'duplicate-name' }],
  ['rewards in a circle', 'risky: velocity\n', 'risky: 2 * worst\n  worst: min(risky, cautious)\n', { at: '4:14', code: 'cyclic-reward', underlined: 'worst' }],
  ['broken YAML', 'rewards:\n', 'rewards: [\n', { code: 'yaml-syntax' }],
  ['a reward that hides a metric', 'risky: velocity\n', 'energy: velocity\n', { at: '4:3', code: 'reserved-name', underlined: 'energy' }],
  ['a reward called like a function', 'risky: velocity\n', 'min: velocity\n', { at: '4:3', code: 'reserved-name' }],
  ['a variant with an unknown key', '{ steps: 100000 }', '{ stepz: 100000 }', { at: '10:20', code: 'unknown-key', underlined: 'stepz', message: expect.stringContaining('did you mean "steps"') }],
  ['a search for what is not measured', 'variants:\n', 'sweep: { search: { preference: "min(risky, brave)" } }\nvariants:\n', { at: '9:44', code: 'unknown-name', underlined: 'brave' }],
  ['a search for one thing among several that is not measured', 'variants:\n', 'sweep: { search: { preference: [risky, brave] } }\nvariants:\n', { at: '9:40', code: 'unknown-name', underlined: 'brave' }],
  ['a search on few samples', 'variants:\n', 'sweep: { samples: 6, search: {} }\nvariants:\n', { at: '9:22', code: 'wrong-value', underlined: 'search', message: expect.stringContaining('8 or more') }],
  ['a search in a study', 'variants:\n', 'sweep: { search: {} }\nstudy: { type: morl-baseline }\nvariants:\n', { code: 'wrong-value', underlined: 'search', message: expect.stringContaining('a study compares grids') }],
  ['a single reward', '  cautious: velocity - 3.0 * energy\n', '', { code: 'too-few-experts' }],
])('%s', (_name, before, after, expected) => {
  expect(file).toContain(before);
  expect(firstOf(file.replace(before, after))).toMatchObject(expected);
});

test('cycles name the way round', () => {
  const text = file.replace('risky: velocity\n', 'risky: cautious\n').replace('velocity - 3.0', 'risky - 3.0');
  expect(firstOf(text).message).toContain('cautious → risky → cautious');
});

test('variants are checked where they stand', () => {
  const text = file.replace('full: {', 'full: { base: { reward: nothing },');
  expect(firstOf(text)).toMatchObject({ at: '10:27', code: 'unknown-name', underlined: 'nothing' });
});

test('an unknown variant names the known ones', () => {
  expect(parseExperiment(file, { variant: 'ful' }).diagnostics[0]).toMatchObject({ code: 'unknown-variant', message: expect.stringContaining('did you mean "full"') });
});

test.each(['', '- a\n', '42', 'name: [', '\u0000', '{'.repeat(500), '&a [*a]', 'x: *nothing', '? {a: 1}\n: 2\n'])('never throws: %j', (text) => {
  const { experiment, diagnostics } = parseExperiment(text);
  expect(experiment).toBeNull();
  expect(diagnostics.length).toBeGreaterThan(0);
});

test('a mistyped setting does not hide a mistyped metric; a mistyped reward brings no problems of its own making', () => {
  const both = file.replace('steps: 4096 }', 'steps: 4096, gama: 1 }').replace('risky: velocity\n', 'risky: velocty\n').replace('risky: 0.5, cautious: 0.5', 'risky: 0.5, cautious: 0.7');
  expect(parseExperiment(both).diagnostics.map(({ code }) => code)).toEqual(['unknown-key', 'unknown-name', 'weights']);
  expect(parseExperiment(both.replace('rewards:', 'rewrds:')).diagnostics.map(({ code }) => code)).toEqual(['unknown-key', 'unknown-key', 'missing-key']);
  expect(parseExperiment(file.replace('morl:\n', 'experts: { risky: { rward: velocity } }\nmorl:\n')).diagnostics.map(({ code }) => code)).toEqual(['unknown-key']);
});
