import path from 'node:path';
import { openRloo } from '../../src/trainer/algorithms/rloo';
import { openBackend } from '../../src/trainer/backend/backend';
import { FusedAdam } from '../../src/trainer/backend/fused-adam';
import { createLanguageModel, openLanguageModel } from '../../src/trainer/models/language/open';
import { textTask } from '../../src/experiment/tasks/text';
import { readPromptFile } from '../../src/trainer/tasks/text/prompts';
import { Rollouts } from '../../src/trainer/tasks/text/rollouts';
import { TextScorer } from '../../src/trainer/tasks/text/scorer';

/** What both engines do; the Python one reads the same. */
interface Setting {
  readonly model: string;
  readonly tokenizer: string;
  readonly promptsFile: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly prompts: number;
  readonly samples: number;
  readonly maxNewTokens: number;
  readonly learningRate: number;
  readonly klCoefficient: number;
  readonly rank: number;
  readonly alpha: number;
}

const [command, text, stepsText] = process.argv.slice(2);
const setting = JSON.parse(text!) as Setting;

async function makeModel(): Promise<void> {
  const model = await createLanguageModel(await openBackend('wasm'), { config: setting.config, tokenizerDirectory: setting.tokenizer, seed: 0 });
  await model.save(setting.model);
}

async function time(steps: number): Promise<void> {
  const backend = await openBackend('wasm');
  const { tf } = backend;
  const task = textTask.parse({ type: 'text', prompts: setting.promptsFile, maxNewTokens: setting.maxNewTokens });
  const prompts = await readPromptFile(setting.promptsFile);
  const scorer = await TextScorer.open({ job: { task, metrics: {}, rewards: { faithful: 'source_rouge1_recall' } }, objective: 'source_rouge1_recall', corpus: prompts, metrics: 'mentioned', backend });
  const model = await openLanguageModel(backend, path.resolve(setting.model), { trainable: { rank: setting.rank, alpha: setting.alpha } });
  const adam = new FusedAdam(tf, model.trainable, { learningRate: setting.learningRate, epsilon: 1e-8, maxGradientNorm: 1 });
  const batch = setting.prompts * setting.samples;
  const algorithm = openRloo({
    tf, model, adam, seed: 0, rollouts: new Rollouts({ tf, model, task, prompts, scorer, seed: 0 }),
    settings: { algorithm: 'rloo', steps, warmupSteps: 0, schedule: 'constant', gradientCheckpointing: false, checkpointEverySteps: steps, prompts: setting.prompts, samples: setting.samples, minibatch: batch, learningRate: setting.learningRate, klCoefficient: setting.klCoefficient, maxGradientNorm: 1, lora: null },
  });
  const rows: { cpuMs: number; wallMs: number; tokens: number; tensors: number; tensorBytes: number; rss: number }[] = [];
  const memoryAt = [4, steps >> 1, steps - 1];
  for (let step = 0; step < steps; step++) {
    const [cpu, wall] = [process.cpuUsage(), performance.now()];
    const { tokens } = await algorithm.iterate(step);
    const { user, system } = process.cpuUsage(cpu);
    // what stays, not what waits for the collector
    if (memoryAt.includes(step)) globalThis.gc?.();
    const { numTensors, numBytes } = tf.memory();
    rows.push({ cpuMs: (user + system) / 1000, wallMs: performance.now() - wall, tokens, tensors: numTensors, tensorBytes: numBytes, rss: process.memoryUsage.rss() });
  }
  process.stdout.write(`${JSON.stringify({ parameters: model.parameterCount.all, rows })}\n`);
}

void (command === 'make' ? makeModel() : time(Number(stepsText))).then(() => process.exit(0));
