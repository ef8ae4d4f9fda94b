import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openCheckpoint } from '../../../../src/checkpoint/checkpoint';
import { dtypeBytes } from '../../../../src/checkpoint/dtype';
import { decodeInto } from '../../../../src/checkpoint/float-formats';
import { mergeFromConfig } from '../../../../src/merge/mergekit/merge';
import { fixtures, loadSafetensors } from '../methods/in-memory';

const configurations = JSON.parse(readFileSync(path.join(fixtures, 'merges.json'), 'utf8')) as Record<string, string>;
const configs = JSON.parse(readFileSync(path.join(fixtures, 'merged-configs.json'), 'utf8')) as Record<string, { layers: number; dtype: string }>;
const merged = loadSafetensors(path.join(fixtures, 'merged.safetensors'));
let root: string;
beforeEach(() => (root = mkdtempSync(path.join(tmpdir(), 'soup-'))));
afterEach(() => rmSync(root, { recursive: true }));
/** Writes a configuration whose paths are those of the fixtures. */
function configFile(text: string): string {
  const file = path.join(root, 'merge.yml');
  writeFileSync(file, text.replaceAll('models/', `${path.join(fixtures, 'models')}/`));
  return file;
}
const values = ({ dtype, bytes }: { readonly dtype: 'F32' | 'BF16' | 'F16'; readonly bytes: Uint8Array }) => {
  const result = new Float32Array(bytes.length / dtypeBytes[dtype]);
  decodeInto(bytes, dtype, result);
  return result;
};
type Stored = Parameters<typeof values>[0];

describe('a whole model, tensor by tensor as mergekit merges it', () => {
  test.each(Object.keys(configurations))('%s', async (name) => {
    const output = path.join(root, 'out');
    const summary = await mergeFromConfig({ config: configFile(configurations[name]), output });
    const ours = loadSafetensors(path.join(output, 'model.safetensors'));
    const theirs = new Map([...merged].flatMap(([key, tensor]) => (key.startsWith(`${name}/`) ? [[key.slice(name.length + 1), tensor] as const] : [])));
    expect([...ours.keys()].sort()).toEqual([...theirs.keys()].sort());
    for (const [tensor, expected] of theirs) {
      const actual = ours.get(tensor);
      expect(actual).toMatchObject({ dtype: expected.dtype, shape: expected.shape });
      const [mine, peer] = [values(actual as Stored), values(expected as Stored)];
      // inputs are of the order of 1; where they are only copied nothing may differ
      const limit = /^(frankenmerge|self_merge)$/.test(name) ? 0 : { F32: 2e-6, F16: 2 ** -10, BF16: 2 ** -7 }[expected.dtype as 'F32'];
      for (const [k, value] of mine.entries()) if (!(Math.abs(value - peer[k]) <= limit * Math.max(1, Math.abs(peer[k])))) throw new Error(`${tensor}[${k}]: ${value}, mergekit has ${peer[k]}`);
    }
    expect(summary.nonFinite).toEqual({ nan: 0, infinite: 0 });
    const written = JSON.parse(readFileSync(path.join(output, 'config.json'), 'utf8')) as Record<string, unknown>;
    expect({ layers: written.num_hidden_layers, dtype: written.dtype ?? written.torch_dtype }).toEqual(configs[name]);
    if (Array.isArray(written.layer_types)) expect(written.layer_types.length).toBe(configs[name].layers);
    expect(readFileSync(path.join(output, 'README.md'), 'utf8')).toContain(`by the method`);
    expect(readFileSync(path.join(output, 'mergekit_config.yml'), 'utf8')).toContain('merge_method');
    expect(JSON.parse(readFileSync(path.join(output, 'soup.json'), 'utf8'))).toMatchObject({ configuration: { merge_method: summary.method }, inputs: expect.arrayContaining([expect.objectContaining({ sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string })]) as unknown });
  });
});

test('shards of a size, with the index that transformers reads', async () => {
  const output = path.join(root, 'out');
  const { files, tensorCount } = await mergeFromConfig({ config: configFile(configurations.linear), output, shardBytes: 2000 });
  expect(files.length).toBeGreaterThan(2);
  const checkpoint = await openCheckpoint(output);
  expect(checkpoint.kind).toBe('sharded');
  expect(checkpoint.tensors.size).toBe(tensorCount);
});

describe('what cannot be merged is said, and leaves nothing behind', () => {
  test.each([
    ['PreflightError', 'models: [{model: models/a, parameters: {weight: 1}}, {model: wide, parameters: {weight: 1}}]\nmerge_method: linear', /got \[16, 9\] in wide — say tokenizer_source/],
    ['MethodInputsError', 'models: [{model: models/a}, {model: models/b}]\nmerge_method: ties\nparameters: {weight: 1}', /ties .*name it in base_model/],
    ['MissingParameterError', 'models: [{model: models/a}, {model: models/b}]\nmerge_method: linear\nparameters: {weight: [{filter: mlp, value: 1}]}', /embed_tokens.weight of .*weight has no value/],
    ['SliceError', 'slices: [{sources: [{model: models/a, layer_range: [2, 5]}]}]\nmerge_method: passthrough', /has 4 layers/],
    ['ModelNotFoundError', 'models: [{model: nowhere/at-all}]\nmerge_method: passthrough', /nowhere\/at-all.*hf download/],
    ['ModelNotFoundError', 'models: [{model: ./gone}]\nmerge_method: passthrough', /\.\/gone: there is no such file .* correct the path$/],
  ])('%s', async (name, text, message) => {
    mkdirSync(path.join(root, 'wide'));
    const header = Buffer.from(JSON.stringify({ 'model.embed_tokens.weight': { dtype: 'F32', shape: [16, 9], data_offsets: [0, 576] } }));
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(header.length));
    writeFileSync(path.join(root, 'wide/model.safetensors'), Buffer.concat([size, header, Buffer.alloc(576)]));
    await expect(mergeFromConfig({ config: configFile(text), output: path.join(root, 'out') })).rejects.toMatchObject({ name, message: expect.stringMatching(message) as string });
    expect(() => readFileSync(path.join(root, 'out/model.safetensors'))).toThrow();
  });
});
