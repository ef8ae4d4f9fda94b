import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { mergeFromConfig } from '../../../../src/merge/mergekit/merge';
import { loadSafetensors } from '../methods/in-memory';

const fixtures = path.join(__dirname, '../../../fixtures/tokenizer');
interface Case {
  readonly inputs: readonly string[];
  readonly base: string | null;
  readonly source: string;
  readonly rules: Readonly<Record<string, { readonly source: string | { readonly model?: string } }>>;
  readonly pad: number | null;
  readonly vocabulary: Readonly<Record<string, number>>;
  /** tensor -> model -> what mergekit makes of its rows, by token */
  readonly tensors: Readonly<Record<string, Readonly<Record<string, { readonly tokens: Readonly<Record<string, number[]>> }>>>>;
}
const cases = JSON.parse(readFileSync(path.join(fixtures, 'expected.json'), 'utf8')) as Record<string, Case>;
let root: string;
beforeEach(() => (root = mkdtempSync(path.join(tmpdir(), 'soup-'))));
afterEach(() => rmSync(root, { recursive: true }));

const at = (model: string) => path.join(fixtures, model);
function configFile(content: object): string {
  const file = path.join(root, 'merge.yml');
  writeFileSync(file, stringify(content));
  return file;
}
const json = (file: string) => JSON.parse(readFileSync(path.join(root, 'out', file), 'utf8')) as Record<string, unknown>;

test.each(Object.keys(cases))('the mean of the embeddings that mergekit lays out: %s', async (name) => {
  const { inputs, base, source, rules, pad, vocabulary, tensors } = cases[name];
  const placed = ({ source: from, ...rest }: Case['rules'][string]) => ({ ...rest, source: typeof from === 'string' ? at(from) : { ...from, ...(from.model === undefined ? {} : { model: at(from.model) }) } });
  await mergeFromConfig({
    output: path.join(root, 'out'),
    config: configFile({
      merge_method: 'linear', models: inputs.map((model) => ({ model: at(model), parameters: { weight: 1 } })), dtype: 'float32',
      ...(base === null ? {} : { base_model: at(base) }),
      tokenizer: { source: ['union', 'base'].includes(source) ? source : at(source), tokens: Object.fromEntries(Object.entries(rules).map(([token, rule]) => [token, placed(rule)])), ...(pad === null ? {} : { pad_to_multiple_of: pad }) },
    }),
  });
  const rowCount = Math.ceil(Object.keys(vocabulary).length / (pad ?? 1)) * (pad ?? 1);
  expect(json('config.json').vocab_size).toBe(rowCount);
  const merged = loadSafetensors(path.join(root, 'out/model.safetensors'));
  for (const [tensor, byModel] of Object.entries(tensors)) {
    const written = merged.get(tensor);
    const values = new Float32Array(Uint8Array.from(written?.bytes ?? []).buffer);
    expect(written?.shape[0]).toBe(rowCount);
    for (const [token, id] of Object.entries(vocabulary)) {
      const rows = inputs.map((model) => byModel[model].tokens[token]);
      for (const [k, value] of rows[0].entries()) expect(values[id * rows[0].length + k]).toBeCloseTo((value + rows.slice(1).reduce((sum, row) => sum + row[k], 0)) / inputs.length, 5);
    }
  }
});

test('a vocabulary of another size is refused with what to write', async () => {
  const config = configFile({ merge_method: 'linear', models: ['a', 'b'].map((model) => ({ model: at(model), parameters: { weight: 1 } })) });
  await expect(mergeFromConfig({ config, output: path.join(root, 'out') })).rejects.toMatchObject({ name: 'PreflightError', message: expect.stringMatching(/say tokenizer_source/) as string });
});

test('chat templates', async () => {
  const template = (chat_template: string, output: string) => mergeFromConfig({ output: path.join(root, output), config: configFile({ merge_method: 'passthrough', models: [{ model: at('a') }], chat_template }) });
  await template('{{ messages }}', 'out');
  expect(json('tokenizer_config.json').chat_template).toBe('{{ messages }}');
  expect(readFileSync(path.join(root, 'out/chat_template.jinja'), 'utf8')).toBe('{{ messages }}');
  await template('chatml', 'chatml');
  expect(readFileSync(path.join(root, 'chatml/chat_template.jinja'), 'utf8')).toContain('<|im_start|>');
  expect((await template('auto', 'auto')).warnings.join()).toMatch(/no model has one/);
  await expect(template('llama9', 'never')).rejects.toMatchObject({ name: 'ChatTemplateError' });
});
