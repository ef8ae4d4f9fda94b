import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fromFloat32, writeSafetensors } from '../../../src/checkpoint/safetensors';
import { blendCommand } from '../../../src/cli/blend';
import { mergeCommand } from '../../../src/cli/merge';
import { blend } from '../../../src/merge/blend';
import { blendOptionsOf, type BlendDraft } from '../../../src/merge/blend-draft';
import { blendRecipe } from '../../../src/merge/draft-recipe';
import { forecastBlend } from '../../../src/merge/forecast';
import { findMethod, methods } from '../../../src/merge/methods/registry';

const model = (name: string) => path.join(__dirname, '../../fixtures/merge/mergekit/models', name);
const adapter = (name: string) => path.join(__dirname, '../../fixtures/adapters', name);
let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'soup it\'s-'));
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  jest.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(root, { recursive: true });
});

const draftOf = (method: string, change: Partial<BlendDraft> = {}): BlendDraft => {
  const { inputs } = findMethod(method);
  const names = inputs.maximum === 1 ? ['a'] : ['a', 'b'];
  return {
    inputs: names.map(model), method, weights: names.map((_, index) => (index === 0 ? 0.4 : 0.6)), curves: null, extrapolate: false, parameters: {}, base: inputs.base === 'none' ? null : model('base'),
    fishers: method === 'fisher' ? names.map(model) : [], dtype: null, seed: 3, space: 'factor', rank: null, mergeIntoBase: false, ...change,
  };
};
const parameters: Readonly<Record<string, BlendDraft['parameters']>> = {
  slerp: { t: 0.3 }, nearswap: { t: 0.1 }, expo: { alpha: 0.3 }, passthrough: { scale: 0.5 }, ties: { density: 0.5, 'a.density': 0.25, lambda: 0.9, normalize: false }, dare_ties: { density: 0.5 }, della: { density: 0.5, epsilon: 0.2 },
};

/** Types and bytes of every tensor, by name. */
function tensorsOf(directory: string, file = 'model.safetensors'): Record<string, string> {
  const bytes = readFileSync(path.join(directory, file));
  const size = Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + size)) as Record<string, { dtype: string; data_offsets: [number, number] }>;
  return Object.fromEntries(Object.entries(header).filter(([name]) => name !== '__metadata__').sort().map(([name, { dtype, data_offsets: [begin, end] }]) => [name, dtype + bytes.subarray(8 + size + begin, 8 + size + end).toString('hex')]));
}

/** The command as a shell takes it apart. */
const argumentsOf = (command: string): string[] => execFileSync('sh', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' }).split('\0').slice(2, -1);

async function saved(draft: BlendDraft, areAdapters = false) {
  const options = blendOptionsOf(draft, findMethod(draft.method), areAdapters);
  const output = path.join(root, 'saved');
  return { options, output, forecast: await forecastBlend(options), summary: await blend({ ...options, output }) };
}

test.each(methods.map(({ name }) => name))('%s: the copied configuration and the copied command give the bytes that Save gives, and the forecast its size', async (method) => {
  const { options, output, forecast, summary } = await saved(draftOf(method, { parameters: parameters[method] ?? {} }));
  expect(forecast).toMatchObject({ problem: null, output: { sizeBytes: summary.sizeBytes, parameters: summary.parameters, tensors: summary.tensorCount } });

  const configuration = path.join(root, 'copied.yml');
  writeFileSync(configuration, await blendRecipe(options, { as: 'mergekit', output: '' }));
  const [, seed] = /--seed (\d+)/.exec(readFileSync(configuration, 'utf8')) ?? [];
  await mergeCommand().exitOverride().parseAsync([configuration, path.join(root, 'merged'), ...(seed ? ['--seed', seed] : [])], { from: 'user' });
  expect(tensorsOf(path.join(root, 'merged'))).toEqual(tensorsOf(output));

  const again = path.join(root, 'by command', 'saved');
  await blendCommand().exitOverride().parseAsync(argumentsOf(await blendRecipe(options, { as: 'command', output: again })), { from: 'user' });
  expect(readFileSync(path.join(again, 'model.safetensors')).equals(readFileSync(path.join(output, 'model.safetensors')))).toBe(true);
});

test.each(['linear', 'ties'])('%s with λ over the layers: the first layer is one expert, the last another, and the copies give the same', async (method) => {
  const { options, output } = await saved(draftOf(method, { curves: [[1, 0], [0, 1]] }));
  const [soup, a, b] = [tensorsOf(output), ...['a', 'b'].map((name) => tensorsOf(model(name)))];
  const count = 1 + Math.max(...Object.keys(soup!).map((name) => Number(/layers\.(\d+)\./.exec(name)?.[1] ?? 0)));
  const [first, second, last] = [0, 1, count - 1].map((layer) => Object.keys(soup!).filter((name) => name.startsWith(`model.layers.${layer}.`)));
  expect(first!.length).toBeGreaterThan(5);
  for (const name of [...first!, 'lm_head.weight', 'model.embed_tokens.weight']) expect([name, soup![name]]).toEqual([name, a![name]]); // outside the layers the first value holds
  for (const name of last!) expect([name, soup![name]]).toEqual([name, b![name]]);
  const middle = await blend({ ...blendOptionsOf(draftOf(method, { weights: [1 - 1 / (count - 1), 1 / (count - 1)] }), findMethod(method), false), output: path.join(root, 'middle') });
  const between = tensorsOf(middle.output);
  for (const name of second!) expect([name, soup![name]]).toEqual([name, between[name]]);

  expect(readFileSync(path.join(output, 'README.md'), 'utf8')).toContain('| a | 1:0 |');
  writeFileSync(path.join(root, 'c.yml'), await blendRecipe(options, { as: 'mergekit', output: '' }));
  await mergeCommand().exitOverride().parseAsync([path.join(root, 'c.yml'), path.join(root, 'm')], { from: 'user' });
  expect(tensorsOf(path.join(root, 'm'))).toEqual(soup);
  const again = path.join(root, 'again');
  await blendCommand().exitOverride().parseAsync(argumentsOf(await blendRecipe(options, { as: 'command', output: again })), { from: 'user' });
  expect(tensorsOf(again)).toEqual(soup);
});

test('types, points outside the simplex and names with spaces survive the copies', async () => {
  const [a, b] = ['expert a', 'b,c'].map((name) => path.join(root, name));
  cpSync(model('a'), a, { recursive: true });
  cpSync(model('b'), b, { recursive: true });
  const { options, output, forecast, summary } = await saved(draftOf('linear', { inputs: [a, b], weights: [1.25, -0.5], extrapolate: true, dtype: 'BF16' }));
  expect(forecast.output!.sizeBytes).toBe(summary.sizeBytes);
  const again = path.join(root, 'again');
  await blendCommand().exitOverride().parseAsync(argumentsOf(await blendRecipe(options, { as: 'command', output: again })), { from: 'user' });
  expect(tensorsOf(again)).toEqual(tensorsOf(output));
  writeFileSync(path.join(root, 'c.yml'), await blendRecipe(options, { as: 'mergekit', output: '' }));
  await mergeCommand().exitOverride().parseAsync([path.join(root, 'c.yml'), path.join(root, 'm')], { from: 'user' });
  expect(tensorsOf(path.join(root, 'm'))).toEqual(tensorsOf(output));
});

test('adapters: every space by command, with the size that was foretold; a configuration only where they are merged as models', async () => {
  const inputs = ['plain', 'other'].map(adapter);
  for (const change of [{}, { space: 'delta' }, { space: 'delta', rank: 3 }, { space: 'delta', base: adapter('llama'), mergeIntoBase: true }] as Partial<BlendDraft>[]) {
    const { options, output, forecast, summary } = await saved(draftOf('linear', { inputs, ...change }), true);
    expect([change, forecast.output]).toEqual([change, expect.objectContaining({ sizeBytes: summary.sizeBytes, parameters: summary.parameters, tensors: summary.tensorCount })]);
    expect(forecast.differences).toEqual(summary.adapters!.differences);
    const again = path.join(root, 'again', 'saved');
    await blendCommand().exitOverride().parseAsync(argumentsOf(await blendRecipe(options, { as: 'command', output: again })), { from: 'user' });
    const file = change.mergeIntoBase ? 'model.safetensors' : 'adapter_model.safetensors';
    expect(tensorsOf(again, file)).toEqual(tensorsOf(output, file));
    await expect(blendRecipe(options, { as: 'mergekit', output: '' })).rejects.toMatchObject({ name: 'NoConfigurationError' });
    rmSync(output, { recursive: true });
    rmSync(again, { recursive: true });
  }
  const { options, output } = await saved(draftOf('ties', { inputs, base: adapter('llama'), parameters: { density: 0.5 } }), true);
  writeFileSync(path.join(root, 'c.yml'), await blendRecipe(options, { as: 'mergekit', output: '' }));
  await mergeCommand().exitOverride().parseAsync([path.join(root, 'c.yml'), path.join(root, 'm')], { from: 'user' });
  expect(tensorsOf(path.join(root, 'm'))).toEqual(tensorsOf(output));
});

test('an input that is the base is no expert of a method that takes one, and is one elsewhere', () => {
  const draft = draftOf('ties', { inputs: ['base', 'a', 'b'].map(model), weights: [0.2, 0.3, 0.5] });
  expect(blendOptionsOf(draft, findMethod('ties'), false)).toMatchObject({ inputs: [model('a'), model('b')], weights: [0.3, 0.5], base: model('base') });
  const linear = blendOptionsOf(draft, findMethod('linear'), false);
  expect(linear.weights).toEqual([0.2, 0.3, 0.5]);
  expect(linear.base).toBeUndefined();
});

test('a forecast says what is wrong instead of throwing', async () => {
  const missingBase = await forecastBlend(blendOptionsOf(draftOf('ties', { base: null }), findMethod('ties'), false));
  expect(missingBase).toMatchObject({ output: null, problem: expect.stringContaining('needs a base') });
  const notReady = await forecastBlend(blendOptionsOf(draftOf('slerp'), findMethod('slerp'), false));
  expect(notReady.problem).toContain('t has no value');
  const mixed = await forecastBlend({ inputs: [adapter('plain'), model('a')], weights: [0.5, 0.5] });
  expect(mixed.findings.some(({ check, level }) => check === 'adapters' && level === 'problem')).toBe(true);
});

test('what a forecast says of adapters in delta space is true of each', async () => {
  const { facts, findings } = await forecastBlend({ inputs: [adapter('plain'), adapter('wide')], weights: [0.5, 0.5], space: 'delta' });
  expect(findings).toEqual([]);
  expect(facts).toMatchObject({
    tensors: '8 and 8 tensors; a module that an adapter leaves alone counts as unchanged there',
    adapters: 'LoRA of rank 2, α 6 and of rank 3, α 3, for one base',
    config: 'the configs say the same, but for ranks, scales and modules',
  });
  const alike = await forecastBlend({ inputs: [adapter('plain'), adapter('plain')], weights: [0.5, 0.5], space: 'delta' });
  expect(alike.facts).toMatchObject({ tensors: '8 tensors, with the same names, shapes and types', adapters: 'LoRA of rank 2, α 6, for one base', config: 'the configs say the same' });
});

test('vocabularies of two sizes are a problem of their own, and no tensors of one shape', async () => {
  const inputs = await Promise.all([4, 5].map(async (tokens) => {
    const file = path.join(root, `${tokens}.safetensors`);
    const tensors = { 'model.embed_tokens.weight': [tokens, 2], 'model.norm.weight': [2] };
    await writeSafetensors(file, Object.entries(tensors).map(([name, shape]) => ({ name, dtype: 'F32' as const, shape, data: fromFloat32(new Float32Array(shape.reduce((a, b) => a * b)), 'F32') })), {});
    return file;
  }));
  const { facts, findings } = await forecastBlend(blendOptionsOf(draftOf('linear', { inputs }), findMethod('linear'), false));
  expect(findings.map(({ check, level }) => [check, level])).toEqual([['vocabulary', 'problem']]);
  expect(facts.tensors).toBe('2 tensors, with the same names');
});
