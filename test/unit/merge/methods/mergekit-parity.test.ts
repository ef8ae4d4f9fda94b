import { readFileSync } from 'node:fs';
import path from 'node:path';
import { decodeInto, encodeInto } from '../../../../src/checkpoint/float-formats';
import { dtypeBytes, type FloatDtype } from '../../../../src/checkpoint/dtype';
import { taskVectorProgram, type TaskVectorSettings } from '../../../../src/merge/methods/task-vectors';
import { rowProbabilities } from '../../../../src/merge/methods/masks/random';
import { keepAll, type Mask } from '../../../../src/merge/methods/masks/mask';
import { resolveParameters } from '../../../../src/merge/methods/parameter';
import { findMethod, methods } from '../../../../src/merge/methods/registry';
import { fixtures, loadSafetensors, mergeInMemory, runPasses } from './in-memory';

interface Case {
  readonly method: string;
  readonly kind: string;
  readonly inputs: readonly string[];
  readonly base: string | null;
  readonly tensors: readonly string[];
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly modelParameters: Readonly<Record<string, Readonly<Record<string, number>>>>;
}
const json = (name: string): unknown => JSON.parse(readFileSync(path.join(fixtures, name), 'utf8'));
const cases = (json('methods.json') as Case[]).map((one, id) => ({ ...one, id: String(id) }));
const stored = loadSafetensors(path.join(fixtures, 'methods.safetensors'));
const get = (name: string) => {
  const tensor = stored.get(name);
  if (!tensor) throw new Error(`no ${name} in the fixture`);
  return tensor;
};
const decode = (bytes: Uint8Array, dtype: FloatDtype): Float32Array => {
  const values = new Float32Array(bytes.length / dtypeBytes[dtype]);
  decodeInto(bytes, dtype, values);
  return values;
};
const parametersOf = ({ modelParameters }: Case, model: string) => Object.fromEntries(Object.entries(modelParameters).flatMap(([name, values]) => (model in values ? [[name, values[model]]] : [])));

/** Methods whose float32 results are mergekit's to the last bit; the others come within 1e-6 of the largest value that entered. */
const exact = ['passthrough', 'task_arithmetic', 'ram', 'ramplus_tl'];
const isDrawn = (method: string) => /^(dare|della)/.test(method);

/** In bf16 nothing differs at all: what is below float32's precision is rounded away. */
function compare(method: string, actual: Float32Array, expected: Float32Array, inputs: readonly Float32Array[], dtype: FloatDtype): void {
  expect(actual.length).toBe(expected.length);
  for (const [k, value] of actual.entries()) {
    const largest = Math.max(...inputs.map((values) => Math.abs(values[k])), Math.abs(expected[k]));
    const limit = dtype === 'BF16' || exact.includes(method) ? 0 : 1e-6 * largest;
    if (!(Math.abs(value - expected[k]) <= limit)) throw new Error(`element ${k}: ${value}, mergekit has ${expected[k]} (from ${inputs.map((values) => values[k]).join(', ')})`);
  }
}

describe('every method gives what mergekit gives', () => {
  test.each(cases.filter(({ method }) => !isDrawn(method)))('$id: $method of $inputs ($kind) $parameters', (one) => {
    const { kind, inputs, base, tensors, method, parameters, id } = one;
    const expected = get(id);
    let begin = 0;
    for (const tensor of tensors) {
      const sources = inputs.map((model) => get(`${kind}/${model}/${tensor}`));
      const { bytes: { length }, shape } = sources[0];
      const actual = mergeInMemory({ method, shape, base, parameters, inputs: inputs.map((name, i) => ({ name, bytes: sources[i].bytes, dtype: sources[i].dtype, parameters: parametersOf(one, name) })) });
      const { dtype } = expected;
      compare(method, decode(actual, dtype), decode(expected.bytes.subarray(begin, begin + length), dtype), sources.map((source) => decode(source.bytes, source.dtype)), dtype);
      begin += length;
    }
  });
});

describe('with what mergekit drew, the arithmetic of the random methods gives what mergekit gives', () => {
  test.each(cases.filter(({ method }) => isDrawn(method)))('$id: $method ($kind) $parameters', (one) => {
    const { kind, inputs, base, tensors, method, parameters, id } = one;
    const expected = get(id);
    const drawn = stored.get(`${id}/drawn`)?.bytes ?? new Uint8Array(0);
    const settings = resolveParameters(findMethod(method).parameters, parameters, method) as unknown as TaskVectorSettings;
    let [begin, read] = [0, 0];
    for (const tensor of tensors) {
      const sources = inputs.map((model) => get(`${kind}/${model}/${tensor}`));
      const values = sources.map(({ bytes, dtype }) => decode(bytes, dtype));
      const count = values[0].length;
      const masks = inputs.map((model): Mask => {
        const { density = 1 } = parametersOf(one, model);
        if (model === base || density >= 1) return keepAll;
        const mask = drawn.subarray(read, (read += count));
        return { passes: [], mark: (delta, start, keep) => keep.set(mask.subarray(start, start + delta.length)) };
      });
      const task = { base: inputs.indexOf(base ?? ''), inputs: inputs.map((model) => ({ weight: 0, ...parametersOf(one, model) })) };
      const program = taskVectorProgram(task, settings, /^(della|dare_ties)$/.test(method), masks);
      const size = count * dtypeBytes[expected.dtype];
      const merged = new Uint8Array(size);
      encodeInto(runPasses(program, values, 7), expected.dtype, merged);
      compare(method, decode(merged, expected.dtype), decode(expected.bytes.subarray(begin, begin + size), expected.dtype), values, expected.dtype);
      begin += size;
    }
    expect(read).toBe(drawn.length);
  });

  test('the probabilities of DELLA', () => {
    const probabilities = [...stored].filter(([name]) => name.endsWith('/probabilities'));
    expect(probabilities.length).toBeGreaterThan(4);
    for (const [name, { bytes, dtype }] of probabilities) {
      const { inputs, kind, modelParameters: { density, epsilon }, base } = cases[Number(name.split('/')[0])];
      const expected = decode(bytes, dtype);
      let begin = 0;
      for (const tensor of ['matrix', 'vector']) {
        const source = (model: string) => get(`${kind}/${model}/${tensor}`);
        const baseValues = decode(source(base ?? '').bytes, source(base ?? '').dtype);
        for (const model of inputs.filter((other) => other !== base && density[other] < 1)) {
          const delta = decode(source(model).bytes, source(model).dtype).map((value, k) => value - baseValues[k]);
          const actual = new Float64Array(delta.length);
          rowProbabilities(delta, source(model).shape.at(-1) ?? 1, density[model], epsilon[model], actual);
          for (const [k, value] of actual.entries()) expect(Math.abs(value - expected[begin + k])).toBeLessThan(1e-6);
          begin += delta.length;
        }
      }
      expect(begin).toBe(expected.length);
    }
  });
});

describe('parameters are those of mergekit', () => {
  interface Table { base: string; inputs: [number, number | null]; experts: [number | null, number | null]; parameters: Record<string, { scope: string; default?: unknown }> }
  const table = json('parameters.json') as Record<string, Table>;
  test.each(Object.entries(table))('%s', (name, theirs) => {
    const ours = methods.find((method) => method.name === name);
    const flat = (parameters: Readonly<Record<string, { default: unknown }>> = {}, isModel: boolean) => Object.entries(parameters).map(([key, value]) => [key, { isModel, default: value.default }]);
    const expected = Object.entries(theirs.parameters).map(([key, { scope, default: value }]) => [key, { isModel: scope !== 'shared', default: value ?? null }]);
    // "no scale" and a scale of 1 are the same; task arithmetic prunes nothing, and mergekit ignores its density
    const known = name === 'passthrough' ? [['scale', { isModel: true, default: 1 }]] : expected;
    expect(Object.fromEntries([...flat(ours?.parameters, false), ...flat(ours?.modelParameters, true)] as [string, unknown][])).toEqual(Object.fromEntries(known as [string, unknown][]));
    expect(ours?.inputs.base).toBe({ ignored: 'none', required: 'required', optional: 'optional' }[theirs.base]);
    const bases = theirs.base === 'required' ? 1 : 0;
    expect(ours?.inputs.minimum).toBe(theirs.experts[0] ?? theirs.inputs[0] - bases);
    expect(ours?.inputs.maximum).toBe(theirs.experts[1] ?? (theirs.inputs[1] === null ? Infinity : theirs.inputs[1] - bases));
  });
});
