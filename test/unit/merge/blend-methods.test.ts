import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fromFloat32, readHeader, readTensorBytes, toFloat32, writeSafetensors } from '../../../src/checkpoint/safetensors';
import { blend, type BlendOptions } from '../../../src/merge/blend';
import { parseParameters } from '../../../src/merge/blend-parameters';
import { parseMergekit } from '../../../src/merge/mergekit/parse';
import { mergeFromConfig } from '../../../src/merge/mergekit/merge';
import { methods } from '../../../src/merge/methods/registry';

const model = (name: string) => path.join(__dirname, '../../fixtures/merge/mergekit/models', name);
let root: string;
let output: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'soup-'));
  output = path.join(root, 'soup');
});
afterEach(() => rmSync(root, { recursive: true }));

const given: Readonly<Record<string, Partial<BlendOptions>>> = {
  slerp: { parameters: { t: 0.3 } }, nearswap: { parameters: { t: 0.1 } }, expo: { parameters: { alpha: 0.3 } }, passthrough: { parameters: { scale: 0.5 } },
  fisher: { fishers: [model('a'), model('b')] }, ties: { parameters: { density: 0.5, 'a.density': 0.25, lambda: 0.9 } }, dare_ties: { parameters: { density: 0.5 }, seed: 3 }, della: { parameters: { density: 0.5, epsilon: 0.2 }, seed: 3 },
};
const options = (method: string): BlendOptions => {
  const known = methods.find(({ name }) => name === method);
  const experts = known?.inputs.maximum === 1 ? ['a'] : ['a', 'b'];
  return {
    inputs: experts.map(model), method, output,
    ...(known?.modelParameters.weight ? { weights: experts.map((_, i) => (i === 0 ? 0.4 : 0.6)) } : {}),
    ...(known?.inputs.base === 'none' ? {} : { base: model('base') }),
    ...given[method],
  };
};

test.each([...methods.map(({ name }) => [name, 'F32'] as const), ...['linear', 'slerp', 'ties'].map((name) => [name, undefined] as const)])('%s, %s: its card is a configuration that gives the same soup', async (method, dtype) => {
  const { warnings, nonFinite } = await blend({ ...options(method), dtype });
  expect(nonFinite).toEqual({ nan: 0, infinite: 0 });
  expect(warnings.filter((warning) => !warning.includes('no config'))).toEqual([]);
  const [, configuration] = /```yaml\n([^]*?)```/.exec(readFileSync(path.join(output, 'README.md'), 'utf8')) ?? [];
  expect(parseMergekit(configuration).problems).toEqual([]);
  writeFileSync(path.join(output, 'again.yml'), configuration);
  const again = path.join(root, 'again');
  const [, seed] = /^# soup merge --seed (\d+)/.exec(configuration) ?? [];
  await mergeFromConfig({ config: path.join(output, 'again.yml'), output: again, seed: seed === undefined ? undefined : Number(seed) });
  const values = (directory: string) => {
    const bytes = readFileSync(path.join(directory, 'model.safetensors'));
    const size = Number(bytes.readBigUInt64LE());
    const header = JSON.parse(bytes.toString('utf8', 8, 8 + size)) as Record<string, { dtype: string; data_offsets: [number, number] }>;
    return Object.fromEntries(Object.entries(header).filter(([name]) => name !== '__metadata__').map(([name, { dtype: type, data_offsets: [begin, end] }]) => [name, type + bytes.subarray(8 + size + begin, 8 + size + end).toString('hex')]));
  };
  const [ours, theirs] = [values(again), values(output)];
  expect(Object.keys(ours).filter((name) => ours[name] !== theirs[name])).toEqual([]);
  expect(Object.keys(ours).sort()).toEqual(Object.keys(theirs).sort());
});

test('an endpoint of any method is read back and compared', async () => {
  const { endpoint } = await blend({ inputs: [model('a')], method: 'wise_ft', base: model('base'), parameters: { alpha: 1 }, output });
  expect(endpoint).toEqual({ expert: 'a', identical: true });
  const ties = await blend({ inputs: [model('a'), model('b')], method: 'ties', weights: [0, 1], base: model('base'), output, force: true });
  expect(ties.endpoint).toEqual({ expert: 'b', identical: true });
  const pruned = await blend({ inputs: [model('a'), model('b')], method: 'ties', weights: [0, 1], parameters: { density: 0.5 }, base: model('base'), output, force: true });
  expect(pruned.endpoint).toBeNull();
});

test('the same seed gives the same soup, another one another', async () => {
  const bytes = async (seed: number) => {
    await blend({ ...options('dare_linear'), parameters: { density: 0.5 }, seed, force: true });
    return readFileSync(path.join(output, 'model.safetensors')).subarray(-2000).toString('hex');
  };
  const first = await bytes(1);
  expect(await bytes(1)).toBe(first);
  expect(await bytes(2)).not.toBe(first);
});

test.each<[string, Partial<BlendOptions>, RegExp]>([
  ['UnknownParameterError', { method: 'ties', parameters: { desity: 0.5 } }, /ties: parameter "desity" is not known — did you mean "density"/],
  ['InvalidParameterError', { method: 'ties', parameters: { 'c.density': 0.5 } }, /c.density is of no expert — they are a, b/],
  ['InvalidParameterError', { method: 'ties', parameters: { 'a.lambda': 0.5 } }, /lambda is of the whole merge, not of a/],
  ['InvalidParameterError', { method: 'ties', parameters: { density: 2 } }, /density is 2 — expected 0 to 1/],
  ['InvalidParameterError', { method: 'della', parameters: { density: 0.9, epsilon: 0.2 } }, /density ± epsilon must lie between 0 and 1/],
  ['InvalidWeightsError', { method: 'ties', weights: undefined }, /none are given, and ties needs one for each of a, b/],
  ['MethodInputsError', { method: 'karcher' }, /karcher takes no weights/],
  ['MethodInputsError', { method: 'ties', base: undefined }, /ties needs a base: pass --base/],
  ['MethodInputsError', { method: 'slerp', weights: undefined, parameters: { t: 0.5 } }, /takes 1 expert, got 2/],
  ['MethodInputsError', { method: 'fisher' }, /pass --fisher 2 times/],
])('%s: %j', async (name, more, message) => {
  await expect(blend({ inputs: [model('a'), model('b')], weights: [1, 1], base: model('base'), output, ...more })).rejects.toMatchObject({ name, message: expect.stringMatching(message) as string });
});

test('parameters as typed', () => {
  expect(parseParameters(['density=0.5', 'x.normalize=false', ' t = 1e-3'])).toEqual({ density: 0.5, 'x.normalize': false, t: 0.001 });
  for (const text of ['density', '=1', 'density=', 'density=high']) expect(() => parseParameters([text])).toThrow(/is not of the form/);
  expect(() => parseParameters(['density=0.5', 'a.density=0.3', 'density=0.7'])).toThrow(/density stands twice/);
});

describe('a NaN of an expert is said, even where the method drops it', () => {
  const save = async (name: string, bad: boolean) => {
    const file = path.join(root, `${name}.safetensors`);
    const values = (shift: number) => Float32Array.from({ length: 12 }, (_, k) => (bad && shift === 1 && k === 5 ? NaN : Math.sin(3 * k + shift + name.length)));
    await writeSafetensors(file, [0, 1].map((shift) => ({ name: `w${shift}`, dtype: 'F32', shape: [3, 4], data: fromFloat32(values(shift), 'F32') })));
    return file;
  };
  test.each(methods.map(({ name }) => name))('%s', async (method) => {
    const { base, inputs, fishers, parameters = {}, ...others } = options(method);
    const rest = { ...others, dtype: undefined, parameters: Object.fromEntries(Object.entries(parameters).filter(([name]) => !name.includes('.'))) };
    const files = [await save('bad', true), ...(inputs.length > 1 ? [await save('fine', false)] : [])];
    const all = { ...(base ? { base: await save('base', false) } : {}), ...(fishers ? { fishers: [files[1], files[1]] } : {}) };
    await expect(blend({ ...rest, inputs: files, ...all })).rejects.toMatchObject({ name: 'NanTensorError', message: expect.stringMatching(/^w1: .*bad has NaN there/) as string });
    await blend({ ...rest, inputs: files, ...all, allowNan: true });
  });
});

describe('tensors without elements, of one element and without axes', () => {
  const save = async (name: string, value: number) => {
    const file = path.join(root, `${name}.safetensors`);
    const shapes: Record<string, number[]> = { none: [0, 4], rows: [3, 0], scalar: [], one: [1, 1] };
    await writeSafetensors(file, Object.entries(shapes).map(([tensor, shape]) => ({ name: tensor, dtype: 'F32', shape, data: fromFloat32(new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value), 'F32') })));
    return file;
  };
  test.each(methods.map(({ name }) => name))('%s', async (method) => {
    const { base, inputs, fishers, parameters = {}, ...others } = options(method);
    const files = [await save('x', 2), ...(inputs.length > 1 ? [await save('y', 2)] : [])];
    await blend({ ...others, dtype: undefined, inputs: files, parameters: Object.fromEntries(Object.entries(parameters).filter(([name]) => !name.includes('.') && name !== 'scale' && name !== 'lambda')), ...(base ? { base: await save('base', 2) } : {}), ...(fishers ? { fishers: files } : {}) });
    const soup = path.join(output, 'model.safetensors');
    const header = await readHeader(soup);
    expect([...header.tensors.values()].map(({ name, shape }) => `${name} [${shape.join()}]`).sort()).toEqual(['none [0,4]', 'one [1,1]', 'rows [3,0]', 'scalar []']);
    // all inputs are equal, and so is what every method makes of them
    for (const name of ['scalar', 'one']) expect(toFloat32(await readTensorBytes(soup, header, name), 'F32')[0]).toBeCloseTo(2, 5);
  });
});
