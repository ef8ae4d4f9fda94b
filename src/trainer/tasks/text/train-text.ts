import { appendFile } from 'node:fs/promises';
import { openCheckpoint } from '../../../checkpoint/checkpoint';
import { checkpointSha256 } from '../../../checkpoint/digest';
import { snapshotDirectory } from '../../../experiment/snapshots';
import { metricsPath, updateRunRecord } from '../../../runs/run-directory';
import type { MetricsRow, TextTrainJob } from '../../../runs/run-record';
import { languageAlgorithms, openAlgorithm } from '../../algorithms/language-registry';
import type { LanguageIteration } from '../../algorithms/language-training';
import { openBackend, type OpenBackend } from '../../backend/backend';
import { FusedAdam } from '../../backend/fused-adam';
import { lastCheckpoint, type Progress } from '../../checkpoint-directory';
import { meanScore } from '../../episodes';
import { truncateMetrics } from '../../metrics-truncation';
import type { LanguageModel } from '../../models/language-model';
import { createLanguageModel, openLanguageModel } from '../../models/language/open';
import { PausedError } from '../../paused';
import { nextTurn, type StopRequest } from '../../stop-request';
import { cpuSecondsSince, untrained, type Outcome } from '../../train';
import { restoreLanguageCheckpoint, saveLanguageCheckpoint, type LanguageTrainingState } from './language-state';
import { readPrompts } from './prompts';
import { Rollouts } from './rollouts';
import { TextScorer } from './scorer';

/** Adam's ε in PyTorch, which TRL leaves as it is */
const epsilon = 1e-8;

/**
 * Carries out a training of a language model in its run directory, from its last checkpoint where there is one, and
 * writes the trained model or adapter there. Stops at the next whole iteration when asked to, with a checkpoint.
 */
export async function trainText(directory: string, job: TextTrainJob, stop: StopRequest): Promise<Outcome> {
  const backend = await openBackend(job.backend);
  await updateRunRecord(directory, { backend: backend.name, device: backend.device, totalSteps: job.settings.steps });
  const { train, validation } = await readPrompts(job.task);
  const scorer = await TextScorer.open({ job, objective: job.objective, corpus: [...train, ...validation], metrics: 'mentioned', backend });
  const model = await openModel(backend, job);
  const adam = new FusedAdam(backend.tf, model.trainable, { learningRate: job.settings.learningRate, epsilon, maxGradientNorm: job.settings.maxGradientNorm });
  try {
    const rollouts = new Rollouts({ tf: backend.tf, model, task: job.task, prompts: train, scorer, seed: job.seed });
    const algorithm = await openAlgorithm({ tf: backend.tf, model, adam, rollouts, settings: job.settings, seed: job.seed });
    const training = { model, adam, algorithm };
    const resumed = await lastCheckpoint(directory);
    const progress = resumed ? await restoreLanguageCheckpoint(resumed, training) : untrained;
    return await loop(directory, job, training, progress, stop);
  } finally {
    adam.dispose();
    model.dispose();
  }
}

function openModel(backend: OpenBackend, { init, task, settings, seed }: TextTrainJob): Promise<LanguageModel> {
  const { hasValueHead } = languageAlgorithms[settings.algorithm];
  // a run of an older version does not say
  const gradientCheckpointing = settings.gradientCheckpointing ?? false;
  if (init !== null) return openLanguageModel(backend, init, { trainable: settings.lora ?? 'full', hasValueHead, gradientCheckpointing, seed });
  if (typeof task.model !== 'object') throw new Error('a base without init creates its model'); // taskProblems has said so
  return createLanguageModel(backend, { config: task.model.create, tokenizerDirectory: task.model.tokenizer, seed, hasValueHead, gradientCheckpointing });
}

async function loop(directory: string, job: TextTrainJob, training: LanguageTrainingState, start: Progress, stop: StopRequest): Promise<Outcome> {
  const { steps } = job.settings;
  const metadata = { 'soup.kind': job.kind, 'soup.name': job.name, 'soup.objective': job.objective, ...(job.init === null ? {} : { 'soup.base_sha256': await checkpointSha256(await openCheckpoint(job.init)) }) };
  const startedAtMs = performance.now();
  const cpuAtStart = process.cpuUsage();
  let progress = start;
  let savedStep = start.step;
  const save = async () => {
    if (savedStep === progress.step && savedStep > 0) return;
    progress = await saveLanguageCheckpoint(directory, training, progress, { ...metadata, ...scoreMetadata(progress) });
    savedStep = progress.step;
  };
  await truncateMetrics(metricsPath(directory), start.step);
  while (progress.step < steps) {
    if (stop.signal !== null) {
      if (progress.step > 0) await save();
      return 'stopped';
    }
    const iterationStartMs = performance.now();
    const iteration = await iterateOrPause(training, progress.step, save);
    const now = performance.now();
    progress = {
      ...progress,
      step: progress.step + 1,
      iteration: progress.iteration + 1,
      seconds: start.seconds + (now - startedAtMs) / 1000,
      cpuSeconds: start.cpuSeconds + cpuSecondsSince(cpuAtStart),
      score: iteration.objective,
      rewards: meanScore(iteration.samples)?.reward ?? progress.rewards,
    };
    await appendFile(metricsPath(directory), `${JSON.stringify(metricsRow(progress, iteration, training.adam.learningRate, (now - iterationStartMs) / 1000))}\n`);
    if (job.snapshotSteps?.includes(progress.step)) await training.model.save(snapshotDirectory(directory, progress.step), { ...metadata, ...scoreMetadata(progress) });
    if (progress.step - savedStep >= job.checkpointEverySteps || progress.step === steps) await save();
    await nextTurn();
  }
  await training.model.save(directory, { ...metadata, ...scoreMetadata(progress) });
  return 'succeeded';
}

/** A pause comes before anything of the iteration has changed the weights, so what was reached can still be saved. */
async function iterateOrPause({ algorithm }: LanguageTrainingState, step: number, save: () => Promise<void>): Promise<LanguageIteration> {
  try {
    return await algorithm.iterate(step);
  } catch (error) {
    if (error instanceof PausedError && step > 0) await save();
    throw error;
  }
}

/** One line of metrics.jsonl. */
function metricsRow(progress: Progress, { samples, objective, kl, loss, sequences, tokens, more }: LanguageIteration, lr: number, seconds: number): MetricsRow {
  const score = meanScore(samples);
  return {
    step: progress.step,
    time: new Date().toISOString(),
    samples: progress.step * sequences,
    seconds: Number(progress.seconds.toFixed(3)),
    cpuSeconds: Number(progress.cpuSeconds.toFixed(3)),
    iteration: progress.iteration,
    ...(score ? { reward: score.reward, metric: score.metric } : {}),
    objective,
    ...(kl === undefined ? {} : { kl }),
    ...more,
    loss,
    lr,
    throughput: { samplesPerSecond: Number((sequences / seconds).toFixed(2)), tokensPerSecond: Math.round(tokens / seconds) },
    memory: { rssBytes: process.memoryUsage.rss() },
  };
}

function scoreMetadata({ step, rewards }: Progress): Record<string, string> {
  return { 'soup.step': String(step), ...Object.fromEntries(Object.entries(rewards).map(([name, value]) => [`soup.score.${name}`, String(value)])) };
}
