import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseExperiment } from '../../../src/experiment/parse';
import { fileProblems } from '../../../src/runs/file-problems';
import { runPipeline } from '../../../src/runs/pipeline';
import { readRunRecord } from '../../../src/runs/run-directory';

const fixtures = path.join(__dirname, '..', '..', 'fixtures', 'text');
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'file-problems-'));
  await cp(path.join(fixtures, 'models', 'llama3'), at('model'), { recursive: true });
  await writeFile(at('prompts.txt'), 't1\nt2\nt3\n');
  await writeFile(at('corpus.txt'), 't1 t2\n');
  await writeFile(at('rhyme.mjs'), 'throw new Error("it was run")');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const at = (...parts: string[]) => path.join(folder, ...parts);
const text = `name: test
task: { type: text, model: ./model, prompts: prompts.txt, maxNewTokens: 4 }
metrics: { rhyme: { type: module, file: ./rhyme.mjs } }
rewards: { long: length, rhyming: rhyme }
train: { algorithm: rloo, steps: 2, prompts: 1, samples: 2, lora: { rank: 2, targets: [q_proj, down_proj] } }
sweep: { grid: 3, samples: 2 }
variants:
  pretrained:
    task: { model: { create: { model_type: gpt2, vocab_size: 50, n_embd: 16, n_layer: 1, n_head: 2 }, tokenizer: ./model } }
    base: { algorithm: sft, steps: 2, data: corpus.txt, lora: null }
    train: { lora: { targets: [c_attn] } }
`;
const problemsOf = (changed: string, variant?: string) => {
  const { experiment, diagnostics } = parseExperiment(changed, variant === undefined ? {} : { variant });
  expect(diagnostics).toEqual([]);
  return fileProblems(experiment!, at('soup.yaml'));
};
const alter = async (file: string, change: (config: Record<string, unknown>) => void) => {
  const config = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  change(config);
  await writeFile(file, JSON.stringify(config));
};

test('what is there and opens is no problem, and a module is not run', async () => {
  expect(await problemsOf(text)).toEqual([]);
  expect(await problemsOf(text, 'pretrained')).toEqual([]);
});

test('a control task starts from a policy alone, as long as anything is to be trained', async () => {
  const control = 'name: walk\ntask: { type: locomotion, environment: half-cheetah }\nrewards: { risky: velocity, cautious: -energy }\nbase: { checkpoint: ./model }\ntrain: { steps: 10 }\n';
  expect(await problemsOf(control)).toEqual([{ code: 'unusable-file', path: ['base', 'checkpoint'], of: 'value', message: expect.stringContaining('model_type "llama", a control task needs "soup-mlp-policy"') as string }]);
  await rm(at('model/config.json'));
  expect(await problemsOf(control)).toMatchObject([{ message: expect.stringContaining('has no config.json') as string }]);
  await writeFile(at('model/config.json'), '{"model_type":"soup-mlp-policy"}');
  expect(await problemsOf(control)).toEqual([]);
  await rm(at('model'), { recursive: true });
  expect(await problemsOf(control)).toMatchObject([{ path: ['base', 'checkpoint'] }]);
  for (const expert of ['risky', 'cautious']) await cp(path.join(fixtures, 'models', 'llama3'), at('runs', 'walk', 'experts', expert), { recursive: true });
  expect(await problemsOf(control)).toEqual([]);
});

test.each([
  ['an unsupported architecture', () => alter(at('model/config.json'), (config) => (config.model_type = 'bert')), ['task', 'model'], /model_type "bert" is not supported/],
  ['no tokenizer', () => rm(at('model/tokenizer.json')), ['task', 'model'], /has no tokenizer\.json/],
  ['weights of another size', () => alter(at('model/config.json'), (config) => (config.intermediate_size = 20)), ['task', 'model'], /config\.json implies \[20, 16\], the file has/],
  ['no model', () => rm(at('model'), { recursive: true }), ['task', 'model'], /no checkpoint here/],
  ['an adapter in place of a model', async () => { await rm(at('model'), { recursive: true }); await cp(path.join(fixtures, 'adapters', 'llama3'), at('model'), { recursive: true }); }, ['task', 'model'], /an adapter without its base/],
  ['no prompts', () => rm(at('prompts.txt')), ['task', 'prompts'], /prompts\.txt does not exist/],
  ['a folder of prompts', async () => { await rm(at('prompts.txt')); await mkdir(at('prompts.txt')); }, ['task', 'prompts'], /is no file/],
  ['no module', () => rm(at('rhyme.mjs')), ['metrics', 'rhyme', 'file'], /rhyme\.mjs does not exist/],
] as const)('%s', async (_name, breakIt, keys, message) => {
  await breakIt();
  expect(await problemsOf(text)).toEqual([{ code: 'unusable-file', path: keys, of: 'value', message: expect.stringMatching(message) as string }]);
});

test.each([
  ['layers that the model does not have', 'q_proj, down_proj', 'c_attn', undefined, [['train', 'lora', 'targets']]],
  ['layers that a new model does not have', '[c_attn]', '[q_proj]', 'pretrained', [['train', 'lora', 'targets']]],
  ['a new model that cannot be', 'n_head: 2', 'n_head: 3', 'pretrained', [['task', 'model', 'create']]],
  ['no corpus', 'corpus.txt', 'corpora.txt', 'pretrained', [['base', 'data']]],
  ['no tokenizer of a new model', 'tokenizer: ./model', 'tokenizer: ./tok', 'pretrained', [['task', 'model', 'tokenizer']]],
  ['no chat template', 'maxNewTokens: 4', 'maxNewTokens: 4, chat: true', undefined, [['task', 'chat']]],
  ['a reward model that is not there', 'type: module, file: ./rhyme.mjs', 'type: classifier, directory: ./model', undefined, [['metrics', 'rhyme', 'directory']]],
  ['a judge that is not there', 'type: module, file: ./rhyme.mjs', 'type: perplexity, model: ./judge', undefined, [['metrics', 'rhyme', 'model']]],
] as const)('%s', async (_name, before, after, variant, paths) => {
  expect(text).toContain(before);
  expect((await problemsOf(text.replace(before, after), variant)).map(({ path: keys }) => keys)).toEqual(paths);
});

test('a class that a reward model does not have', async () => {
  const classifier = path.join(fixtures, '..', 'metrics', 'classifier');
  const scored = text.replace('type: module, file: ./rhyme.mjs', `type: classifier, directory: ${classifier}, label: GOOD`);
  expect(await problemsOf(scored)).toEqual([]);
  expect(await problemsOf(scored.replace('GOOD', 'NICE'))).toEqual([{ code: 'unusable-file', path: ['metrics', 'rhyme', 'label'], of: 'value', message: expect.stringMatching(/no label "NICE" — it has BAD, GOOD/) as string }]);
});

test('what a trained base was made from may be gone', async () => {
  await mkdir(at('runs/test-pretrained/base'), { recursive: true });
  await cp(at('model/model.safetensors'), at('runs/test-pretrained/base/model.safetensors'));
  expect(await problemsOf(text.replace('corpus.txt', 'gone.txt').replace('tokenizer: ./model', 'tokenizer: ./gone'), 'pretrained')).toEqual([]);
});

test('a run that names a broken model is refused at its place, before any training starts', async () => {
  await writeFile(at('soup.yaml'), text);
  await rm(at('model/tokenizer.json'));
  const refused = expect(runPipeline({ file: at('soup.yaml'), stages: ['train'], trainer: '/nonexistent' })).rejects;
  await refused.toMatchObject({ name: 'ExperimentFileError', isInput: true, message: expect.stringMatching(/soup\.yaml:2:28: task\.model: .*has no tokenizer\.json/) as string });
  expect(await readRunRecord(at('runs/test/experts/long'))).toBeNull();
});

test('an adapter that was trained elsewhere has to fit the base', async () => {
  await writeFile(at('soup.yaml'), text);
  await cp(path.join(fixtures, 'adapters', 'gpt2'), at('runs/test/experts/long'), { recursive: true });
  await expect(runPipeline({ file: at('soup.yaml'), stages: ['train'], trainer: '/nonexistent' })).rejects.toMatchObject({ name: 'AdapterMismatchError', isInput: true, message: expect.stringMatching(/experts\/long: tensor .* belongs to no layer of this llama model/) as string });
  expect(await readRunRecord(at('runs/test/experts/rhyming'))).toBeNull();
});
