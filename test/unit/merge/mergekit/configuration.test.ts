import { parseMergekit } from '../../../../src/merge/mergekit/parse';
import { resolveParameters, settingAt, usesOf } from '../../../../src/merge/mergekit/resolve';
import type { ModelTensors } from '../../../../src/merge/mergekit/output-tensors';

const parsed = (text: string) => {
  const { config, problems } = parseMergekit(text);
  if (!config) throw new Error(problems.map(({ message }) => message).join('\n'));
  return config;
};
const layers = (count: number) => new Set(['model.embed_tokens.weight', ...Array.from({ length: count }, (_, i) => [`model.layers.${i}.mlp.up_proj.weight`, `model.layers.${i}.self_attn.q_proj.weight`]).flat(), 'model.norm.weight']);
const tensors = (...models: [string, number][]): ModelTensors => new Map(models.map(([name, count]) => [name, layers(count)]));

describe('problems name the key, its line and what to write', () => {
  const models = 'models: [{model: a}, {model: b}]\n';
  test.each([
    ['merge_metod: linear\nmodels: [{model: a}]', 0, /unknown key "merge_metod" — did you mean "merge_method"/],
    [`merge_method: linear\n${models}residual_weight: 1`, 2, /unknown key "residual_weight"/],
    [`merge_method: tis\n${models}`, 0, /method "tis" is not known — did you mean "ties"/],
    [`merge_method: ties\nbase_model: a\n${models}parameters:\n  densty: 0.5`, 4, /ties has no such parameter — did you mean "density"/],
    [`merge_method: slerp\nbase_model: a\n${models}parameters:\n  t:\n    - filter: mlp\n      value: [0, high]`, 6, /parameters\.t\.0\.value\.1: is "high" — expected a number/],
    [`merge_method: linear\n${models}parameters:\n  weight: 0,5`, 3, /parameters\.weight: is "0,5" — expected a number/],
    [`merge_method: linear\n${models}parameters: {weight: [{filter: mlp, value: 1, fliter: q}]}`, 2, /parameters\.weight: unknown key "fliter": expected a number/],
    [`merge_method: ties\nbase_model: a\nparameters:\n  density: 1.5\n${models}`, 3, /density: is 1.5 — expected 0 to 1/],
    [`merge_method: ties\nbase_model: a\nmodels:\n  - model: a\n  - model: b\n    parameters:\n      normalize: true`, 6, /is said once for all models — move it/],
    ['merge_method: linear\nmodels: [{model: a}, {model: a}]', 1, /models\.1\.model: stands twice/],
    ['merge_method: linear', 0, /exactly one of models, slices and modules .* none does/],
    [`merge_method: linear\n${models}slices: [{sources: [{model: a, layer_range: [0, 1]}]}]`, 2, /models and slices do/],
    ['merge_method: linear\nslices:\n  - sources:\n      - model: a\n        layer_range: [0, 2]\n      - model: b\n        layer_range: [1, 2]', 6, /has 1 layers and the first source of the slice 2/],
    [`merge_method: linear\n${models}dtype: float12`, 2, /type "float12" is not known/],
    [`merge_method: linear\n${models}tokenizer_source: union\ntokenizer: {source: base}`, 3, /stands beside tokenizer_source/],
    [`merge_method: linear\n${models}parameters: {weight: []}`, 2, /expected a number, true or false, a list/],
    ['merge_method: linear\nmodels: [{model: {model: {path: a, revision: main}}}]', 1, /revision is not supported: expected the path of a checkpoint/],
    ['merge_method: linear\nmodels: [{model: {model: a, override_architecture: X}}]', 1, /override_architecture is not supported/],
    ['merge_method: linear\nmodels: [{model: {model: a, lor: b}}]', 1, /lor is not supported/],
    ['merge_method: linear\nmodels: [{parameters: {weight: 1}}]', 1, /"model" is missing/],
    ['merge_method: fisher\nmodels: [{model: a}]', 1, /no fisher beside it/],
    ['merge_method: linear\nmodels: [{model: a, fisher: f}]', 1, /linear has no use for it/],
    ['a: b: c', 0, /YAML/],
    ['', 0, /the file is empty: a merge has/],
  ])('%j', (text, line, message) => {
    const { config, problems } = parseMergekit(text);
    expect(config).toBeNull();
    expect(problems[0].message).toMatch(message);
    expect(problems[0].range.start.line).toBe(line);
  });
});

test('anchors and merge keys are read as mergekit reads them', () => {
  const { models } = parsed('merge_method: linear\nmodels:\n  - &a {model: a, parameters: {weight: 0.5}}\n  - {<<: *a, model: b}');
  expect(models).toEqual([{ model: 'a', parameters: { weight: 0.5 } }, { model: 'b', parameters: { weight: 0.5 } }]);
  expect(parseMergekit('merge_method: linear\nmodels:\n  - &a {model: a, parameters: {wieght: 0.5}}\n  - {<<: *a, model: b}').problems.map(({ range }) => range.start.line)).toEqual([2, 3]);
});

test('filters, gradients and precedence', () => {
  const config = parsed(`
merge_method: ties
base_model: base
models:
  - model: a
    parameters:
      weight:
        - filter: mlp
          value: [0, 1]
        - filter: layers.1
          value: 0.25
      density: [1, 0.5, 0]
  - model: b
parameters:
  weight: 0.75
  normalize: [true, false]
`);
  const resolved = resolveParameters(config, tensors(['a', 5], ['b', 5], ['base', 5]));
  const valueOf = (tensor: string, model: string | null, parameter: string) => {
    const found = resolved.find(({ name }) => name === tensor);
    return (model === null ? found?.parameters : found?.inputs.find((input) => input.model === model)?.parameters)?.[parameter]?.value;
  };
  expect(resolved.map(({ name }) => name)).toHaveLength(12);
  expect(resolved[0].inputs.map(({ model }) => model)).toEqual(['a', 'b', 'base']);
  const up = (i: number) => `model.layers.${i}.mlp.up_proj.weight`;
  const q = (i: number) => `model.layers.${i}.self_attn.q_proj.weight`;
  expect([0, 1, 2, 3, 4].map((i) => valueOf(up(i), 'a', 'weight'))).toEqual([0, 0.25, 0.5, 0.75, 1]);
  expect([0, 1, 2].map((i) => valueOf(q(i), 'a', 'weight'))).toEqual([0.75, 0.25, 0.75]);
  expect([0, 1, 2, 3, 4].map((i) => valueOf(q(i), 'a', 'density'))).toEqual([1, 0.75, 0.5, 0.25, 0]);
  expect([0, 3, 4].map((i) => valueOf(q(i), null, 'normalize'))).toEqual([true, true, false]);
  // outside the layers a gradient is at its first value
  expect(['model.embed_tokens.weight', 'model.norm.weight'].map((name) => valueOf(name, 'a', 'density'))).toEqual([1, 1]);
  expect(valueOf(q(0), 'b', 'density')).toBe(1);
  expect(resolved[0].inputs[2].parameters).toEqual({});
});

test('slices renumber the layers, and a filter on a model sees the name that the tensor has there', () => {
  const config = parsed(`
merge_method: passthrough
slices:
  - sources: [{model: a, layer_range: [0, 2]}]
  - sources:
      - model: b
        layer_range: [3, 4]
        parameters: {scale: [{filter: layers.3, value: 0.5}]}
`);
  const resolved = resolveParameters(config, tensors(['a', 4], ['b', 4]));
  expect(resolved.map(({ name, inputs: [{ model, tensor, parameters }] }) => `${name} = ${String(parameters.scale.value)} ${model}:${tensor}`.replaceAll('model.', '').replaceAll('.weight', ''))).toEqual([
    'embed_tokens = 1 a:embed_tokens',
    'layers.0.mlp.up_proj = 1 a:layers.0.mlp.up_proj', 'layers.0.self_attn.q_proj = 1 a:layers.0.self_attn.q_proj',
    'layers.1.mlp.up_proj = 1 a:layers.1.mlp.up_proj', 'layers.1.self_attn.q_proj = 1 a:layers.1.self_attn.q_proj',
    'layers.2.mlp.up_proj = 0.5 b:layers.3.mlp.up_proj', 'layers.2.self_attn.q_proj = 0.5 b:layers.3.self_attn.q_proj',
    'norm = 1 b:norm',
  ]);
});

describe('what a place in the file decides', () => {
  const text = `merge_method: slerp
base_model: a
models:
  - model: a
  - model: b
parameters:
  t:
    - filter: mlp
      value: [0, 1]
    - value: 0.5
`;
  const resolved = resolveParameters(parsed(text), tensors(['a', 3], ['b', 3]));

  test.each([[7, 16, ['parameters', 't', 0]], [8, 17, ['parameters', 't', 0]], [9, 8, ['parameters', 't', 1]], [6, 3, ['parameters', 't']], [2, 3, null], [1, 0, null]])('line %d, character %d', (line, character, path) => {
    expect(settingAt(text, { line, character })).toEqual(path);
  });

  test('the tensors with their values', () => {
    expect(usesOf(resolved, ['parameters', 't', 0]).map(({ tensor, value }) => [tensor, value])).toEqual([0, 1, 2].map((i) => [`model.layers.${i}.mlp.up_proj.weight`, i / 2]));
    expect(usesOf(resolved, ['parameters', 't', 1]).map(({ tensor, value }) => [tensor, value])).toEqual([['model.embed_tokens.weight', 0.5], ...[0, 1, 2].map((i) => [`model.layers.${i}.self_attn.q_proj.weight`, 0.5]), ['model.norm.weight', 0.5]]);
    expect(usesOf(resolved, ['parameters', 't'])).toHaveLength(resolved.length);
  });
});
