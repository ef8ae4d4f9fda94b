import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openCheckpoint } from '../../../src/checkpoint/checkpoint';
import { compareCheckpoints } from '../../../src/checkpoint/compare';
import { fromFloat32, readHeader, readTensorBytes, toFloat32, writeSafetensors } from '../../../src/checkpoint/safetensors';
import { blend, type BlendOptions } from '../../../src/merge/blend';

const fixtures = path.join(__dirname, '../../fixtures/adapters');
const [llama, plain, other, wide] = ['llama', 'plain', 'other', 'wide'].map((name) => path.join(fixtures, name));
let root: string;
let output: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'soup-'));
  output = path.join(root, 'soup');
});
afterEach(() => rmSync(root, { recursive: true }));
const run = (inputs: readonly string[], weights: BlendOptions['weights'], options: Partial<BlendOptions> = {}) => blend({ inputs, weights, output, ...options });
const readJson = (file: string) => JSON.parse(readFileSync(path.join(output, file), 'utf8')) as Record<string, unknown>;

/** Norm of the difference of two checkpoints, over all tensors. */
async function distance(a: string, b: string): Promise<number> {
  const { norms } = await compareCheckpoints([await openCheckpoint(a)], await openCheckpoint(b));
  return Object.values(norms)[0];
}

describe('adapters', () => {
  test('the blended adapter on its base, the merged base, and blended models are one', async () => {
    const options = { space: 'delta' } as const;
    await run([plain, wide], [0.3, 0.7], options);
    await run([plain, wide], [0.3, 0.7], { ...options, base: llama, mergeIntoBase: true, output: `${output}-merged` });
    await run([`${llama}+${plain}`, `${llama}+${wide}`], [0.3, 0.7], { output: `${output}-whole` });
    const applied = `${llama}+${output}`;
    expect(await distance(applied, llama)).toBeGreaterThan(1);
    expect(await distance(applied, `${output}-merged`)).toBeLessThan(1e-5);
    expect(await distance(`${output}-whole`, `${output}-merged`)).toBeLessThan(1e-5);
    expect(readdirSync(`${output}-merged`).sort()).toEqual(['README.md', 'config.json', 'generation_config.json', 'model.safetensors', 'soup.json']);
    expect(readJson('soup.json')).toMatchObject({ parameters: { space: 'delta' }, weights: { plain: 0.3, wide: 0.7 } });
  });

  test('the summary has both spaces; at λ = eᵢ the soup is the expert', async () => {
    const { adapters, warnings } = await run([plain, other], [0.5, 0.5]);
    expect(Object.values(adapters?.differences ?? {}).every((value) => value !== null && value > 0.01)).toBe(true);
    expect(warnings.join()).toMatch(/factor space.*differs from the exact one by up to/);
    for (const space of ['factor', 'delta'] as const) {
      const summary = await run([plain, other], [0, 1], { space, output: `${output}-${space}` });
      expect(summary).toMatchObject({ endpoint: { expert: 'other' }, warnings: [] });
      expect(Object.values(summary.adapters?.differences ?? { none: 1 })).toEqual([0, 0, 0, 0]);
      expect(readFileSync(path.join(`${output}-${space}`, 'adapter_config.json'))).toEqual(readFileSync(path.join(other, 'adapter_config.json')));
    }
  });

  test('factors of other modules are for delta space', async () => {
    const patterns = path.join(fixtures, 'patterns');
    await expect(run([plain, patterns], [0.5, 0.5])).rejects.toMatchObject({ name: 'PreflightError', message: expect.stringContaining('--space delta') as string });
    await expect(run([plain, wide], [0.5, 0.5])).rejects.toMatchObject({ name: 'PreflightError', message: expect.stringMatching(/lora_A.weight: .*(update other modules|ranks differ); blend them with --space delta/) as string });
  });

  test('a base on the hub and in its cache is one base', async () => {
    const [a, b] = ['org/llama', '/home/me/.cache/huggingface/hub/models--org--llama/snapshots/0123456789abcdef'].map((base, i) => {
      const adapter = path.join(root, String(i));
      cpSync(plain, adapter, { recursive: true });
      const file = path.join(adapter, 'adapter_config.json');
      writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), base_model_name_or_path: base }));
      return adapter;
    });
    await expect(run([a, b], [0.5, 0.5])).resolves.toMatchObject({ nonFinite: { nan: 0 } });
  });

  test('outside the simplex the same flags are needed', async () => {
    await expect(run([plain, other], [-0.5, 1.5], { space: 'delta' })).rejects.toMatchObject({ name: 'InvalidWeightsError' });
    const { adapters } = await run([plain, other], [-0.5, 1.5], { space: 'delta', extrapolate: true });
    expect(adapters?.rank).toBe(4);
  });

  test('a cut to a rank, in bf16', async () => {
    const { adapters, warnings } = await run([plain, other], [0.5, 0.5], { space: 'delta', rank: 1, dtype: 'BF16' });
    expect(adapters).toMatchObject({ rank: 1, mergedIntoBase: false });
    expect(warnings.join()).toMatch(/cut to rank 1: up to [\d.]+ % of it is lost/);
    expect((await openCheckpoint(output)).tensors.get('base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight')).toMatchObject({ dtype: 'BF16', shape: [1, 8] });
    expect(readJson('soup.json')).toMatchObject({ parameters: { rank: 1 } });
  });

  test('whole tensors of different sizes are refused in every way to blend them', async () => {
    const tensor = (name: string, ...shape: number[]) => ({ name, dtype: 'F32' as const, shape, data: new Uint8Array(4 * shape.reduce((a, b) => a * b, 1)) });
    const save = async (name: string, file: string, tensors: ReturnType<typeof tensor>[]) => {
      mkdirSync(path.join(root, name));
      await writeSafetensors(path.join(root, name, file), tensors);
      writeFileSync(path.join(root, name, 'adapter_config.json'), JSON.stringify({ r: 1, lora_alpha: 1 }));
      return path.join(root, name);
    };
    const adapter = (name: string, rows: number) => save(name, 'adapter_model.safetensors', [tensor('base_model.model.q.lora_A.weight', 1, 2), tensor('base_model.model.q.lora_B.weight', 2, 1), tensor('base_model.model.embed_tokens.weight', rows, 2)]);
    const [three, more] = [await adapter('three', 3), await adapter('more', 4)];
    const base = await save('base', 'model.safetensors', [tensor('q.weight', 2, 2), tensor('embed_tokens.weight', 3, 2)]);
    const refused = (message: RegExp) => ({ message: expect.stringMatching(message) as string });
    await expect(run([three, more], [0.5, 0.5])).rejects.toMatchObject(refused(/expected \[3, 2\] as in three, got \[4, 2\] in more/));
    await expect(run([three, more], [0.5, 0.5], { space: 'delta' })).rejects.toMatchObject(refused(/more has \[4, 2\], three has \[3, 2\]/));
    await expect(run([three, more], [0.5, 0.5], { space: 'delta', base, mergeIntoBase: true })).rejects.toMatchObject(refused(/more has \[4, 2\], three has \[3, 2\]/));
    await expect(run([more, more], [0.5, 0.6], { space: 'delta', extrapolate: true, base, mergeIntoBase: true })).rejects.toMatchObject(refused(/the base has \[3, 2\], more has \[4, 2\]/));
    await expect(run([more, more], [0.5, 0.5], { space: 'delta', base, mergeIntoBase: true })).resolves.toMatchObject({ tensorCount: 2 });
  });

  test('other methods merge the models that base and adapters are', async () => {
    await run([plain, wide], [1, 1], { method: 'task_arithmetic', base: llama });
    await run([plain, wide], [1, 1], { space: 'delta', extrapolate: true, base: llama, mergeIntoBase: true, output: `${output}-sum` });
    expect(await distance(output, `${output}-sum`)).toBeLessThan(1e-5);
  });

  test.each<[Partial<BlendOptions>, readonly string[], string, RegExp]>([
    [{}, [plain, wide], 'PreflightError', /ranks differ; blend them with --space delta/],
    [{ mergeIntoBase: true }, [plain, other], 'AdapterBlendError', /--base/],
    [{ rank: 2 }, [plain, other], 'AdapterBlendError', /--space delta/],
    [{ space: 'delta' }, [llama, llama], 'AdapterBlendError', /whole models/],
    [{ method: 'slerp', space: 'delta' }, [plain, other], 'AdapterBlendError', /averages/],
    [{ base: path.join(fixtures, 'gpt2') }, [plain, other], 'AdapterMismatchError', /0 of its 4 modules/],
    [{ space: 'delta' }, [plain, path.join(fixtures, 'dora')], 'PreflightError', /^\S+dora: has use_dora: DoRA/],
    [{}, [plain, path.join(fixtures, 'dora')], 'PreflightError', /^\S+dora: has use_dora: DoRA/],
    [{ base: llama, mergeIntoBase: true }, [path.join(fixtures, 'ia3'), plain], 'PreflightError', /^\S+ia3: is of type IA3/],
  ])('refused: %j', async (options, inputs, name, message) => {
    await expect(run(inputs, [0.5, 0.5], options)).rejects.toMatchObject({ name, message: expect.stringMatching(message) as string, isInput: true });
    expect(readdirSync(root)).toEqual([]);
  });
});

test('shards of a size, with an index, are one model', async () => {
  const { files } = await run([llama, llama], [0.5, 0.5], { shardBytes: 2000 });
  expect(files).toEqual([1, 2, 3].map((n) => `model-0000${n}-of-00003.safetensors`));
  expect((await openCheckpoint(output)).kind).toBe('sharded');
  expect(await distance(output, llama)).toBe(0);
});

describe('PyTorch files', () => {
  const pytorch = path.join(__dirname, '../../fixtures/pytorch');
  test('blend into safetensors', async () => {
    const summary = await run([path.join(pytorch, 'nested.pt'), path.join(pytorch, 'protocol4.pt')], [1, 0]);
    expect(summary).toMatchObject({ files: ['model.safetensors'], endpoint: { expert: 'nested' } });
    const header = await readHeader(path.join(output, 'model.safetensors'));
    expect([...toFloat32(await readTensorBytes(path.join(output, 'model.safetensors'), header, 'w'), 'F32')]).toEqual([1, 1]);
  });
});

describe('tied heads and vocabularies', () => {
  const vocabularies = path.join(__dirname, '../../fixtures/tokenizer');

  async function model(name: string, config: Record<string, unknown>, tensors: Readonly<Record<string, readonly number[]>>): Promise<string> {
    const directory = path.join(root, name);
    mkdirSync(directory);
    writeFileSync(path.join(directory, 'config.json'), JSON.stringify(config));
    await writeSafetensors(path.join(directory, 'model.safetensors'), Object.entries(tensors).map(([tensor, values]) => ({ name: tensor, dtype: 'F32', shape: [values.length, 1], data: fromFloat32(Float32Array.from(values), 'F32') })));
    return directory;
  }
  const embeddings = { 'model.embed_tokens.weight': [1, 2] };
  const withHead = { ...embeddings, 'lm_head.weight': [1, 2] };

  test('a tied head that one of them has saved twice is left out', async () => {
    const inputs = [await model('a', { tie_word_embeddings: true }, withHead), await model('b', { tie_word_embeddings: true }, embeddings)];
    await run(inputs, [0.5, 0.5]);
    expect([...(await openCheckpoint(output)).tensors.keys()]).toEqual(['model.embed_tokens.weight']);
  });

  test.each([
    [{ tie_word_embeddings: true }, { tie_word_embeddings: false }, /lm_head.weight: in b, but not in a — one has its head tied/],
    [{ tie_word_embeddings: false }, {}, /tie_word_embeddings: false in a, undefined in b/],
  ])('%j and %j do not go together', async (one, two, message) => {
    const inputs = [await model('a', one, withHead), await model('b', two, withHead)];
    await expect(run(inputs, [0.5, 0.5])).rejects.toMatchObject({ name: 'PreflightError', message: expect.stringMatching(message) as string });
  });

  test('one id for two tokens is refused, tokens that only one has are named', async () => {
    const copy = (from: string, to: string, tokenizer: string) => {
      cpSync(path.join(vocabularies, from), path.join(root, to), { recursive: true });
      cpSync(path.join(vocabularies, tokenizer, 'tokenizer.json'), path.join(root, to, 'tokenizer.json'));
      return path.join(root, to);
    };
    const [one, moved, fewer] = [copy('a', 'one', 'a'), copy('a', 'moved', 'b'), copy('a', 'fewer', 'cut')];
    await expect(run([one, moved], [0.5, 0.5])).rejects.toMatchObject({ name: 'PreflightError', message: expect.stringMatching(/\d tokens have one id in one and another in moved \("\w+": 4 and 5, .*tokenizer_source/) as string });
    const { warnings } = await run([one, fewer], [0.5, 0.5]);
    expect(warnings.join()).toMatch(/3 tokens are only in one of one and fewer \("<\|im_start\|>", "<a>", "<cut>"\)/);
  });

  test('types that do not blend are refused by name', async () => {
    const file = path.join(__dirname, '../../fixtures/safetensors/torch.safetensors');
    await expect(run([file, file], [0.5, 0.5])).rejects.toMatchObject({ name: 'PreflightError', message: expect.stringMatching(/C64|F8_E/) as string });
  });
});

describe('adapters of trainings that added tokens', () => {
  const at = (name: string) => path.join(fixtures, name);

  test.each([['llama', 'grown'], ['tied', 'grown-tied']])('%s+%s: the model says how many it has, however it is merged', async (base, adapter) => {
    const [whole, merged] = [path.join(root, 'whole'), path.join(root, 'merged')];
    await run([`${at(base)}+${at(adapter)}`, `${at(base)}+${at(adapter)}`], [0.5, 0.5], { output: whole });
    await run([at(adapter), at(adapter)], [0.5, 0.5], { base: at(base), mergeIntoBase: true, space: 'delta', output: merged });
    for (const directory of [whole, merged]) {
      expect(JSON.parse(readFileSync(path.join(directory, 'config.json'), 'utf8'))).toMatchObject({ vocab_size: 18 });
      const { tensors } = await openCheckpoint(directory);
      expect(tensors.get('model.embed_tokens.weight')?.shape).toEqual([18, 8]);
      expect(tensors.has('lm_head.weight')).toBe(base === 'llama');
      const expected = await readHeader(at(`${adapter}.merged.safetensors`));
      for (const name of tensors.keys()) {
        const [got, want] = await Promise.all([path.join(directory, 'model.safetensors'), at(`${adapter}.merged.safetensors`)].map(async (file) => toFloat32(await readTensorBytes(file, await readHeader(file), name), 'F32')));
        for (const [k, value] of want.entries()) expect(Math.abs(got[k] - value)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(value)));
      }
      expect(tensors.size).toBe(expected.tensors.size);
    }
  });

  test('the tokenizer is the adapter\'s; without one it is said what is missing', async () => {
    const [base, adapter] = ['llama', 'grown'].map((name) => path.join(root, name));
    cpSync(at('llama'), base, { recursive: true });
    cpSync(at('grown'), adapter, { recursive: true });
    const vocabulary = (size: number) => JSON.stringify(Object.fromEntries(Array.from({ length: size }, (_, id) => [`t${id}`, id])));
    writeFileSync(path.join(base, 'vocab.json'), vocabulary(16));
    writeFileSync(path.join(base, 'merges.txt'), '');
    const merge = (name: string) => run([adapter, adapter], [0.5, 0.5], { base, mergeIntoBase: true, space: 'delta', output: path.join(root, name) });
    expect((await merge('bare')).warnings).toEqual([expect.stringMatching(/embeddings of 18 rows and no tokenizer: the soup gets the base's, which has 16 tokens/)]);
    writeFileSync(path.join(adapter, 'tokenizer.json'), `{"model": {"vocab": ${vocabulary(18)}}}`);
    expect((await merge('whole')).warnings).toEqual([]);
    expect(readdirSync(path.join(root, 'whole')).sort()).toEqual(['README.md', 'config.json', 'generation_config.json', 'model.safetensors', 'soup.json', 'tokenizer.json']);
    writeFileSync(path.join(adapter, 'tokenizer.json'), `{"model": {"vocab": ${vocabulary(19)}}}`);
    expect((await merge('beyond')).warnings).toEqual([expect.stringMatching(/has 19 tokens, and the embeddings have 18 rows/)]);
  });

  test('a head that does not fit the embeddings is refused', async () => {
    const adapter = path.join(root, 'half');
    cpSync(at('grown'), adapter, { recursive: true });
    const { tensors } = await readHeader(path.join(adapter, 'adapter_model.safetensors'));
    const kept = await Promise.all([...tensors.values()].filter(({ name }) => !name.includes('lm_head')).map(async ({ name, dtype, shape }) => ({ name, dtype, shape, data: await readTensorBytes(path.join(adapter, 'adapter_model.safetensors'), await readHeader(path.join(adapter, 'adapter_model.safetensors')), name) })));
    await writeSafetensors(path.join(adapter, 'adapter_model.safetensors'), kept);
    await expect(openCheckpoint(`${at('llama')}+${adapter}`)).rejects.toMatchObject({ name: 'AdapterMismatchError', message: expect.stringMatching(/leaves model.embed_tokens.weight with 18 rows and lm_head.weight with 16/) as string });
  });

  test('a head trained apart from the embeddings that it is tied to is refused', async () => {
    const file = (name: string) => path.join(name, 'adapter_model.safetensors');
    const adapter = path.join(root, 'apart');
    cpSync(at('grown-tied'), adapter, { recursive: true });
    const { tensors, dataOffset } = await readHeader(file(adapter));
    const bytes = readFileSync(file(adapter));
    bytes[dataOffset + [...tensors.values()].find(({ name }) => name.includes('lm_head'))!.begin] ^= 1;
    writeFileSync(file(adapter), bytes);
    await expect(openCheckpoint(`${at('tied')}+${adapter}`)).rejects.toMatchObject({ name: 'AdapterMismatchError', message: expect.stringMatching(/replaces lm_head.weight by another matrix than the embeddings/) as string });
  });
});

test('a type that is asked for is noted where the config notes one', async () => {
  await run([llama, llama], [0.5, 0.5], { dtype: 'BF16' });
  expect(readJson('config.json')).toMatchObject({ dtype: 'bfloat16' });
});
