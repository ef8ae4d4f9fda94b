import path from 'node:path';
import { trainingDifferences } from '../../../src/experiment/job-identity';
import { parseExperiment } from '../../../src/experiment/parse';
import { planExperiment } from '../../../src/experiment/plan';
import { isTextJob, totalStepsOf, type TextTrainJob } from '../../../src/runs/run-record';

const file = `name: summary
task: { type: text, model: { create: { model_type: llama }, tokenizer: tok }, prompts: prompts.jsonl, maxNewTokens: 16 }
metrics:
  helpful: { type: server, url: "http://localhost:9/score" }
rewards:
  faithful: source_rouge1_recall
  brief: -length + helpful
train: { algorithm: rloo, steps: 30, samples: 4 }
base: { algorithm: sft, data: corpus.txt, steps: 100 }
experts: { faithful: {}, brief: { learningRate: 1e-4 } }
`;
const textJob = (text: string, index: number, folder = '/w'): TextTrainJob => {
  const { experiment, diagnostics } = parseExperiment(text);
  expect(diagnostics).toEqual([]);
  const { job } = planExperiment(experiment!, path.join(folder, 'soup.yaml')).trainings[index]!;
  if (!isTextJob(job)) throw new Error('expected a text job');
  return job;
};

test('each run has the settings of its own algorithm, and absolute paths', () => {
  const base = textJob(file, 0);
  expect(base).toMatchObject({ kind: 'base', init: null, objective: '0', task: { prompts: path.resolve('/w/prompts.jsonl'), model: { tokenizer: path.resolve('/w/tok') } } });
  expect(base.settings).toMatchObject({ algorithm: 'sft', data: path.resolve('/w/corpus.txt'), steps: 100, batch: 16, learningRate: 1e-3, lora: null });
  expect(base.settings).not.toHaveProperty('samples');
  const brief = textJob(file, 2);
  expect(brief).toMatchObject({ kind: 'expert', objective: '-length + helpful', init: path.resolve('/w/runs/summary/base'), metrics: { helpful: { type: 'server', retries: 5 } } });
  expect(brief.settings).toMatchObject({ algorithm: 'rloo', steps: 30, samples: 4, prompts: 16, learningRate: 1e-4, lora: { rank: 16, alpha: 16 } });
  expect(totalStepsOf(brief)).toBe(30);
});

test('how experts are blended and evaluated, how often they are saved and what they keep for gradients asks for no new training', () => {
  const now = textJob(file, 1);
  expect(trainingDifferences(textJob(file.replace('maxNewTokens: 16', 'maxNewTokens: 16, blend: delta, evaluation: greedy'), 1), now)).toEqual([]);
  expect(trainingDifferences(textJob(file.replace('steps: 30', 'steps: 30, checkpointEverySteps: 3, gradientCheckpointing: true'), 1), now)).toEqual([]);
  expect(trainingDifferences(textJob(file.replace('maxNewTokens: 16', 'maxNewTokens: 17'), 1), now)).toEqual([{ key: 'task.maxNewTokens', was: 17, now: 16 }]);
});

test('the defaults of PPO are those of TRL and of the paper', () => {
  const { settings } = textJob(file.replace('algorithm: rloo, steps: 30, samples: 4', 'algorithm: ppo-kl, steps: 30'), 1);
  expect(settings).toMatchObject({ learningRate: 1.41e-5, batch: 128, minibatch: 4, klCoefficient: 0.2, lora: { rank: 16, alpha: 16 } });
});

test('a model directory is the shared initialisation itself unless the base is trained', () => {
  const text = file.replace('{ create: { model_type: llama }, tokenizer: tok }', './gpt2');
  expect(planExperiment(parseExperiment(text.replace(/base: .*\n/, '')).experiment!, '/w/soup.yaml').trainings.map(({ id, job }) => [id, job.init])).toEqual([['experts/faithful', path.resolve('/w/gpt2')], ['experts/brief', path.resolve('/w/gpt2')]]);
  expect(textJob(text, 0)).toMatchObject({ kind: 'base', init: path.resolve('/w/gpt2') });
});

test('an experiment that was moved is the same, another reward or length is not', () => {
  expect(trainingDifferences(textJob(file, 1), textJob(file, 1, '/elsewhere'))).toEqual([]);
  expect(trainingDifferences(textJob(file, 1), textJob(file.replace('maxNewTokens: 16', 'maxNewTokens: 8'), 1))).toEqual([{ key: 'task.maxNewTokens', was: 16, now: 8 }]);
  expect(trainingDifferences(textJob(file, 2), textJob(file.replace('9/score', '8/score'), 2)).map(({ key }) => key)).toEqual(['metrics.helpful.url']);
  // a reward that is only logged
  expect(trainingDifferences(textJob(file, 1), textJob(file.replace('9/score', '8/score'), 1))).toEqual([]);
});

test.each([
  ['a metric that is mistyped', 'source_rouge1_recall', 'source_rouge1_recal', { code: 'unknown-name', message: expect.stringContaining('did you mean "source_rouge1_recall"') }],
  ['an algorithm that is mistyped', 'algorithm: rloo', 'algorithm: rlo', { code: 'wrong-value', message: 'train.algorithm: expected ppo or ppo-kl or rloo or grpo or sft, got "rlo"' }],
  ['a setting of another algorithm', 'samples: 4', 'clip: 0.2', { code: 'unknown-key', message: expect.stringContaining('train: unknown key "clip"') }],
  ['an algorithm of another task', 'algorithm: rloo, steps: 30, samples: 4', 'algorithm: ppo, steps: 30', { code: 'wrong-value', message: 'train.algorithm: ppo does not train text: use ppo-kl, rloo, grpo, sft' }],
  ['a setting that the base\'s algorithm lacks', 'steps: 100 }', 'steps: 100, samples: 3 }', { code: 'unknown-key', message: expect.stringContaining('base: sft has no setting "samples"') }],
  ['a base without data', ', data: corpus.txt', '', { code: 'missing-key', message: 'base: sft needs "data"' }],
  ['a kind of task that is mistyped', 'type: text', 'type: txt', { code: 'wrong-value', message: 'task.type: expected locomotion or text, got "txt"' }],
  ['a key of another kind of task', 'maxNewTokens: 16', 'environment: humanoid', { code: 'unknown-key' }],
  ['no model', 'model: { create: { model_type: llama }, tokenizer: tok }, ', '', { code: 'missing-key', message: expect.stringContaining('task.model') }],
  ['a base with an adapter', 'data: corpus.txt', 'data: corpus.txt, lora: { rank: 4 }', { code: 'wrong-value', message: expect.stringContaining('base.lora') }],
  ['experts with other ranks', 'learningRate: 1e-4', 'lora: { rank: 4 }', { code: 'wrong-value', message: expect.stringContaining('experts.brief.lora') }],
  ['a metric that is there already', 'helpful: {', 'rouge1: {', { code: 'reserved-name' }],
  ['a metric without its address', 'url: "http://localhost:9/score"', 'batch: 3', { code: 'missing-key', message: expect.stringContaining('metrics.helpful: "url" is missing') }],
  ['a message of the system without a template', 'maxNewTokens: 16', 'system: hello', { code: 'wrong-value', message: expect.stringContaining('chat') }],
])('%s', (_name, before, after, expected) => {
  expect(file).toContain(before);
  expect(parseExperiment(file.replace(before, after)).diagnostics[0]).toMatchObject(expected);
});

test('a variant that does not fit the rest says so where it stands', () => {
  const text = `${file}variants:\n  quick: { train: { clip: 0.1 } }\n`;
  expect(parseExperiment(text).diagnostics).toMatchObject([{ code: 'unknown-key', range: { start: { line: 11, character: 20 } } }]);
  expect(parseExperiment(text.replace('clip: 0.1', 'samples: 2'), { variant: 'quick' }).experiment).toMatchObject({ train: { samples: 2, steps: 30 } });
});
