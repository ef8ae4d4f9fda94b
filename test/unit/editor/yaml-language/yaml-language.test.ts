import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { normalisedWeights } from '../../../../src/editor/experiment-language/normalise-weights';
import { mergekitVocabulary } from '../../../../src/editor/mergekit-language/mergekit-vocabulary';
import { definitionFile } from '../../../../src/editor/yaml-language/definition-file';
import { scalarAt, typingPlaceAt } from '../../../../src/editor/yaml-language/place';
import { factsText } from '../../../../src/editor/yaml-language/facts-text';
import { hoverText, lenientValue, schemaVocabulary } from '../../../../src/editor/yaml-language/vocabulary';
import { parseExperiment } from '../../../../src/experiment/parse';
import { experimentSchema } from '../../../../src/experiment/schema';
import { methods } from '../../../../src/merge/methods/registry';

/** The place of `|` in a text. */
function cursor(text: string) {
  const lines = text.split('\n');
  const line = lines.findIndex((row) => row.includes('|'));
  const character = lines[line]!.indexOf('|');
  lines[line] = lines[line]!.replace('|', '');
  return { lines, line, character };
}
const placeAt = (text: string) => {
  const { lines, line, character } = cursor(text);
  return typingPlaceAt(lines, line, character);
};
const summary = `name: a
task:
  type: text
  prompts: p.txt
  model: m
rewards: { a: length, b: words }
train:
  algorithm: rloo
  steps: 1
`;

describe('where something is typed', () => {
  test.each<[string, string, readonly (string | number)[], string]>([
    ['a key of the file', 'name: x\nta|', [], 'key'],
    ['a key of a block', 'task:\n  type: text\n  ma|\ntrain: {}', ['task'], 'key'],
    ['a key on a new line', 'task:\n  type: text\n  |', ['task'], 'key'],
    ['a value', 'task:\n  type: |', ['task', 'type'], 'value'],
    ['a value that is begun', 'name: x\nbackend: wa|', ['backend'], 'value'],
    ['a key below two', 'variants:\n  full:\n    # longer\n    train:\n      st|', ['variants', 'full', 'train'], 'key'],
    ['a key beside the dash', 'models:\n  - model: a\n  - mo|', ['models', 1], 'key'],
    ['a key below the dash', 'models:\n  - model: a\n    parameters:\n      we|', ['models', 0, 'parameters'], 'key'],
    ['a key between braces', 'task: { ty|', ['task'], 'key'],
    ['a further key between braces', 'train: { steps: 10, ga|', ['train'], 'key'],
    ['a key between braces of a block', 'variants:\n  full:\n    train: { st|', ['variants', 'full', 'train'], 'key'],
    ['a key between inner braces', 'variants: { full: { train: { st|', ['variants', 'full', 'train'], 'key'],
    ['a key behind inner braces', 'variants: { full: { train: { steps: 1 }, ch|', ['variants', 'full'], 'key'],
    ['a key between the braces of an entry', 'morl:\n  - weights: { risky: 1 }\n  - { we|', ['morl', 1], 'key'],
    ['a value between braces', 'task: { type: lo|', ['task', 'type'], 'value'],
    ['a list that is not indented', 'models:\n- model: a\n- model: b\n  pa|', ['models', 1], 'key'],
  ])('%s', (_, text, expected, of) => expect(placeAt(text)).toMatchObject({ path: expected, of }));

  test('not in comments, brackets or quotes, behind braces that are closed, or in the middle of a text', () => {
    for (const text of ['# na|', 'name: x # |', 'train: { hidden: [6|', 'base: { reward: "velo|', 'task: { type: text } |', 'name: x\nfree text |', 'name: x { ty|']) expect(placeAt(text)).toBeNull();
  });
});

test('keys and values of a file are found with their paths', () => {
  const text = 'models:\n  - model: a/b\n    weight: [1, 2]\n';
  expect(scalarAt(text, text.indexOf('a/b') + 1)).toEqual({ path: ['models', 0, 'model'], of: 'value', text: 'a/b', range: { start: { line: 1, character: 11 }, end: { line: 1, character: 14 } } });
  expect(scalarAt(text, text.indexOf('weight'))).toMatchObject({ path: ['models', 0, 'weight'], of: 'key' });
  expect(scalarAt(text, text.indexOf('2'))).toMatchObject({ path: ['models', 0, 'weight', 1] });
});

describe('the vocabulary of experiment files', () => {
  const vocabulary = schemaVocabulary(experimentSchema, lenientValue(summary.split('\n'), null));

  test('keys follow from what the file says: of its task, of its algorithm', () => {
    expect(vocabulary.keys(['task'])).toEqual(expect.arrayContaining(['prompts', 'maxNewTokens']));
    expect(vocabulary.keys(['task'])).not.toContain('environment');
    expect(vocabulary.keys(['train'])).toContain('klCoefficient');
    expect(vocabulary.keys(['train'])).not.toContain('rolloutSteps');
    expect(schemaVocabulary(experimentSchema, { task: { type: 'locomotion' } }).keys(['task'])).toContain('environment');
  });

  test('a hover says description, default, and what the paper has used', () => {
    const text = factsText('samples', vocabulary.facts(['train', 'samples'])!, { default: 'Default', oneOf: 'One of' });
    expect(text).toBe('**samples**\n\nContinuations of each prompt. The paper uses 5, for captions.\n\nDefault: `5`');
    expect(factsText('schedule', vocabulary.facts(['train', 'schedule'])!, { default: 'Default', oneOf: 'One of' })).toMatch(/Default: `constant`\n\nOne of: `constant`, `linear`, `cosine`$/);
    expect(vocabulary.facts(['sweep', 'grid'])).toMatchObject({ default: 11, description: expect.stringContaining('The paper uses 11') as string });
  });

  test('a hover over a value that the key may have says what it is, or what the key is; over any other nothing', () => {
    const words = { default: 'Default', oneOf: 'One of' };
    const mergekit = 'models:\n  - model: ties\nmerge_method: ties\n';
    const hoverAt = (offset: number) => hoverText(mergekitVocabulary({ merge_method: 'ties', models: [{ model: 'ties' }] }), scalarAt(mergekit, offset)!, words);
    expect(hoverAt(mergekit.lastIndexOf('ties'))).toBe(`**ties**\n\n${methods.find(({ name }) => name === 'ties')!.description}`);
    expect(hoverAt(mergekit.indexOf('ties'))).toBeNull();
    expect(hoverText(vocabulary, { path: ['backend'], of: 'value', text: 'wasm' }, words)).toContain('One of: `auto`');
    expect(hoverText(vocabulary, { path: ['train', 'samples'], of: 'key', text: 'samples' }, words)).toBe(factsText('samples', vocabulary.facts(['train', 'samples'])!, words));
  });

  test('the values of a key are those that its schema takes', () => {
    expect(vocabulary.values(['task', 'type']).map(({ value }) => value)).toEqual(['locomotion', 'text']);
    expect(vocabulary.values(['backend']).map(({ value }) => value)).toEqual(['auto', 'tensorflow', 'webgpu', 'wasm', 'cpu']);
    expect(vocabulary.values(['task', 'chat']).map(({ value }) => value)).toEqual(['true', 'false']);
    expect(vocabulary.values(['train', 'algorithm']).map(({ value }) => value)).toEqual(['ppo', 'ppo-kl', 'rloo', 'grpo', 'sft']);
  });

  test('paths of files are known as such', () => {
    const withMetric = schemaVocabulary(experimentSchema, { metrics: { liked: { type: 'classifier' } } });
    for (const at of [['task', 'prompts'], ['task', 'model'], ['base', 'checkpoint'], ['base', 'data']]) expect([at, vocabulary.isFilePath(at)]).toEqual([at, true]);
    expect(withMetric.isFilePath(['metrics', 'liked', 'directory'])).toBe(true);
    for (const at of [['name'], ['task', 'type'], ['rewards', 'a']]) expect([at, vocabulary.isFilePath(at)]).toEqual([at, false]);
  });

  test('a line that cannot be parsed yet does not hide the rest', () => {
    const lines = [...summary.trimEnd().split('\n'), '  learn: : ['];
    expect(schemaVocabulary(experimentSchema, lenientValue(lines, lines.length - 1)).keys(['train'])).toContain('klCoefficient');
  });
});

describe('the vocabulary of mergekit configurations', () => {
  test('parameters are those of the method, with its defaults', () => {
    for (const method of methods) {
      const vocabulary = mergekitVocabulary({ merge_method: method.name, models: [{}] });
      expect(vocabulary.keys(['parameters'])).toEqual(Object.keys({ ...method.parameters, ...method.modelParameters }));
      expect(vocabulary.keys(['models', 0, 'parameters'])).toEqual(Object.keys(method.modelParameters));
      for (const [name, parameter] of Object.entries(method.parameters)) expect(vocabulary.facts(['parameters', name])!.default).toBe(parameter.default ?? undefined);
    }
    expect(mergekitVocabulary({ merge_method: 'linear' }).facts(['parameters', 'density'])).toBeNull();
  });

  test('methods are offered with their formula, models are paths', () => {
    const vocabulary = mergekitVocabulary({ merge_method: 'ties', models: [{ model: 'a' }] });
    expect(vocabulary.values(['merge_method'])).toContainEqual({ value: 'ties', description: expect.stringContaining('signs elected') as string });
    expect(vocabulary.facts(['merge_method'])!.description).toMatch(/^ties: task vectors trimmed/);
    expect(vocabulary.isFilePath(['models', 0, 'model'])).toBe(true);
    expect(vocabulary.isFilePath(['base_model'])).toBe(true);
    expect(vocabulary.keys([])).toContain('tokenizer_source');
  });
});

describe('weights off the simplex', () => {
  const scaled = (text: string, line: number, character: number) => {
    const edits = normalisedWeights(text, { line, character });
    if (!edits) return null;
    const rows = text.split('\n');
    for (const { range, text: number } of [...edits].reverse()) rows[range.start.line] = rows[range.start.line]!.slice(0, range.start.character) + number + rows[range.end.line]!.slice(range.end.character);
    return rows.join('\n');
  };

  test.each([
    ['flow style', '- weights: { risky: 1, cautious: 3 }', 'risky: 0.25, cautious: 0.75'],
    ['three of them', '- weights: { a: 1, b: 1, c: 1 }', 'a: 0.3334, b: 0.3333, c: 0.3333'],
  ])('%s', (_, text, expected) => expect(scaled(text, 0, text.indexOf('{'))).toContain(expected));

  test('the fix of a problem leaves none', () => {
    const text = `${summary.replace('rewards: { a: length, b: words }', 'rewards: { a: length, b: words }\nmorl:\n  - weights:\n      a: 0.5\n      b: 0.7')}`;
    const [problem] = parseExperiment(text).diagnostics;
    expect(problem!.code).toBe('weights');
    const fixed = scaled(text, problem!.range.start.line, problem!.range.start.character)!;
    expect(parseExperiment(fixed).diagnostics).toEqual([]);
    expect(fixed).toContain('a: 0.4167\n      b: 0.5833');
  });

  test('nothing is offered where there is nothing to scale', () => {
    expect(normalisedWeights('weights: { a: 0, b: 0 }', { line: 0, character: 9 })).toBeNull();
    expect(normalisedWeights('weights: 3', { line: 0, character: 9 })).toBeNull();
  });
});

test('a path leads to the file, or to what says most of a directory', async () => {
  const root = mkdtempSync(path.join(tmpdir(), 'soups-'));
  try {
    mkdirSync(path.join(root, 'model'));
    for (const file of ['model/a.txt', 'model/config.json', 'prompts.txt']) writeFileSync(path.join(root, file), '{}');
    expect(await definitionFile(path.join(root, 'prompts.txt'))).toBe(path.join(root, 'prompts.txt'));
    expect(await definitionFile(path.join(root, 'model'))).toBe(path.join(root, 'model', 'config.json'));
    expect(await definitionFile(path.join(root, 'absent'))).toBeNull();
  } finally {
    rmSync(root, { recursive: true });
  }
});
