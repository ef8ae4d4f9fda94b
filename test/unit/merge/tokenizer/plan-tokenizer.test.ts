import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openCheckpoint } from '../../../../src/checkpoint/checkpoint';
import type { NamedCheckpoint } from '../../../../src/checkpoint/names';
import { decodeInto } from '../../../../src/checkpoint/float-formats';
import { dtypeBytes } from '../../../../src/checkpoint/dtype';
import { plainKernel } from '../../../../src/merge/kernels/plain';
import { FileCache } from '../../../../src/merge/sources/open-files';
import { openSource } from '../../../../src/merge/sources/registry';
import type { TensorSource } from '../../../../src/merge/sources/source';
import { planTokenizer, type TokenizerPlan } from '../../../../src/merge/tokenizer/plan-tokenizer';
import type { TokenOrigin, TokenRule } from '../../../../src/merge/tokenizer/token-rows';
import { vocabularySources } from '../../../../src/merge/tokenizer/vocabulary-tensors';

const fixtures = path.join(__dirname, '../../../fixtures/tokenizer');
type RuleOfMergekit = { readonly source: string | { readonly kind: 'zero' | 'model_token'; readonly model?: string; readonly token?: string; readonly token_id?: number }; readonly force?: boolean };
interface Case {
  readonly inputs: string[];
  readonly base: string | null;
  readonly source: string;
  readonly rules: Record<string, RuleOfMergekit>;
  readonly pad: number | null;
  readonly vocabulary: Record<string, number>;
  readonly tensors: Record<string, Record<string, { tokens: Record<string, number[]>; padding: number[][] }>>;
}
const cases = JSON.parse(readFileSync(path.join(fixtures, 'expected.json'), 'utf8')) as Record<string, Case>;

const open = (names: readonly string[], root = fixtures) => Promise.all(names.map(async (name): Promise<NamedCheckpoint> => ({ name, checkpoint: await openCheckpoint(path.join(root, name)) })));

function originOf({ source }: RuleOfMergekit, inputs: readonly string[]): TokenOrigin {
  if (typeof source === 'string') return { kind: 'model', input: inputs.indexOf(source) };
  if (source.kind === 'zero') return { kind: 'zero' };
  const input = inputs.indexOf(source.model ?? '');
  return source.token_id === undefined ? { kind: 'model_token', input, token: source.token ?? '' } : { kind: 'model_token', input, id: source.token_id };
}

function sourcesOf(plan: TokenizerPlan, inputs: readonly NamedCheckpoint[], name: string): TensorSource[] {
  return vocabularySources(plan, name, inputs.map(({ checkpoint }) => {
    const tensor = checkpoint.tensors.get(name);
    if (!tensor) return null;
    return { shape: tensor.shape, source: { kind: 'stored', dtype: tensor.dtype, file: tensor.file, position: tensor.position } };
  })) as TensorSource[];
}

function readRows(source: TensorSource, rowCount: number, columns: number): number[][] {
  const files = new FileCache();
  try {
    const bytes = new Uint8Array(rowCount * columns * dtypeBytes[source.dtype]);
    openSource(source, files, plainKernel).bytes(0, bytes);
    const values = new Float32Array(rowCount * columns);
    decodeInto(bytes, source.dtype, values);
    return Array.from({ length: rowCount }, (_, row) => [...values.subarray(row * columns, (row + 1) * columns)]);
  } finally {
    files.close();
  }
}

describe('against mergekit', () => {
  test.each(Object.keys(cases))('%s', async (name) => {
    const { inputs: names, base, source, rules, pad, vocabulary, tensors } = cases[name];
    const inputs = await open(names);
    const tokens = new Map(Object.entries(rules).map(([token, rule]): [string, TokenRule] => [token, { origin: originOf(rule, names), force: rule.force ?? false }]));
    const plan = await planTokenizer(inputs, { source: source === 'union' || source === 'base' ? source : names.indexOf(source), base: base === null ? null : names.indexOf(base), tokens, padToMultipleOf: pad ?? undefined });
    expect(Object.fromEntries(plan.vocabulary)).toEqual(vocabulary);
    const size = Object.keys(vocabulary).length;
    expect(plan.rowCount).toBe(pad === null ? size : Math.ceil(size / pad) * pad);
    for (const [tensor, byInput] of Object.entries(tensors)) {
      for (const [i, source] of sourcesOf(plan, inputs, tensor).entries()) {
        const rows = readRows(source, plan.rowCount, 3);
        const expected = byInput[names[i]];
        for (const [token, id] of plan.vocabulary) for (const [k, value] of expected.tokens[token].entries()) expect(rows[id][k]).toBeCloseTo(value, 6);
        expect(rows.length - size).toBe(expected.padding.length);
        for (const [n, row] of expected.padding.entries()) for (const [k, value] of row.entries()) expect(rows[size + n][k]).toBeCloseTo(value, 6);
      }
    }
  });
});

test('a range that begins within a row', async () => {
  const inputs = await open(['a', 'b']);
  const [source] = sourcesOf(await planTokenizer(inputs, { source: 'union', base: 1 }), inputs, 'lm_head.weight');
  const files = new FileCache();
  const [whole, part] = [new Uint8Array(4 * 3 * 15), new Uint8Array(4 * 11)];
  openSource(source, files, plainKernel).bytes(0, whole);
  openSource(source, files, plainKernel).bytes(7, part);
  files.close();
  expect(Buffer.compare(part, whole.subarray(28, 72))).toBe(0);
});

describe('what is written and what is said', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'soup-'));
    for (const name of ['a', 'b']) cpSync(path.join(fixtures, name), path.join(root, name), { recursive: true });
  });
  afterEach(() => rmSync(root, { recursive: true }));
  const json = (file: string) => JSON.parse(readFileSync(path.join(root, file), 'utf8')) as Record<string, unknown>;

  test('the files of the output carry the appended tokens', async () => {
    writeFileSync(path.join(root, 'a/tokenizer_config.json'), JSON.stringify({ ...json('a/tokenizer_config.json'), added_tokens_decoder: { 0: { content: '<unk>' } } }));
    const plan = await planTokenizer(await open(['a', 'b'], root), { source: 'union', base: null });
    const written = JSON.parse(plan.files.get('tokenizer.json') ?? '') as { added_tokens: { id: number; content: string }[] };
    expect(written.added_tokens.map(({ id, content }) => `${id} ${content}`)).toEqual(['0 <unk>', '10 <|im_start|>', '11 <a>', '12 wo', '13 <b>', '14 <both>']);
    expect(JSON.parse(plan.files.get('tokenizer_config.json') ?? '')).toMatchObject({ added_tokens_decoder: { 13: { content: '<b>', special: false } } });
    expect(plan.warnings).toEqual([]);
  });

  test('nothing is written where nothing changes', async () => {
    expect((await planTokenizer(await open(['a', 'b'], root), { source: 'base', base: 0 })).files.size).toBe(0);
  });

  test('pieces without an embedding are cut with the merges that make them', async () => {
    const model = (json('a/tokenizer.json') as { model: { vocab: Record<string, number> } }).model;
    expect(model.vocab.ll).toBe(9);
    cpSync(path.join(fixtures, 'c/model.safetensors'), path.join(root, 'a/model.safetensors'));
    const text = readFileSync(path.join(root, 'a/tokenizer.json'), 'utf8').replace('"ll": 9', '"ll": 20');
    writeFileSync(path.join(root, 'a/tokenizer.json'), text);
    const plan = await planTokenizer(await open(['a', 'b'], root), { source: 'base', base: 0 });
    expect(JSON.parse(plan.files.get('tokenizer.json') ?? '')).toMatchObject({ model: { merges: [['h', 'e']] } });
    expect(plan.vocabulary.has('ll')).toBe(false);
  });

  test.each<[string, (name: string) => void, RegExp]>([
    ['no tokenizer at the base', (dir) => rmSync(path.join(dir, 'tokenizer.json')), /has no tokenizer beside its weights/],
    ['sentencepiece alone', (dir) => { rmSync(path.join(dir, 'tokenizer.json')); writeFileSync(path.join(dir, 'tokenizer.model'), 'x'); }, /has a tokenizer.model whose vocabulary is not tokens and ids/],
    ['an empty file', (dir) => writeFileSync(path.join(dir, 'tokenizer.json'), '{}'), /without a vocabulary/],
  ])('%s', async (_, spoil, message) => {
    spoil(path.join(root, 'a'));
    await expect(planTokenizer(await open(['a', 'b'], root), { source: 'union', base: 0 })).rejects.toMatchObject({ name: 'TokenizerError', message: expect.stringMatching(message) as string });
  });

  test('a rule that names a missing token', async () => {
    const inputs = await open(['a', 'b'], root);
    const plan = await planTokenizer(inputs, { source: 'union', base: 0, tokens: new Map([['<new>', { origin: { kind: 'model_token', input: 1, token: 'nowhere' }, force: false }]]) });
    expect(() => sourcesOf(plan, inputs, 'lm_head.weight')).toThrow(expect.objectContaining({ name: 'TokenizerError', message: expect.stringContaining('"nowhere"') as string }));
  });
});
