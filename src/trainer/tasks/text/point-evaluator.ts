import { SoupError } from '../../../errors';
import type { TextTask } from '../../../experiment/tasks/text';
import type { SweepJob, SweepPoint } from '../../../runs/run-record';
import { openCheckpoint } from '../../../checkpoint/checkpoint';
import { checkpointSha256 } from '../../../checkpoint/digest';
import { openBackend, type OpenBackend } from '../../backend/backend';
import type { EpisodeScore } from '../../episodes';
import type { Prompt } from '../../metrics/metric';
import type { LanguageModel, LanguageSoup } from '../../models/language-model';
import { openLanguageModel } from '../../models/language/open';
import { openLanguageSoup } from '../../models/language/soup';
import type { PointEvaluator } from '../../point-evaluator';
import { readPrompts } from './prompts';
import { generationSeed, generationSettings, promptTokens, scoredValues } from './rollouts';
import { TextScorer } from './scorer';

/** Prompts that are continued side by side, and after which a stop is looked for. */
const wave = 32;

/**
 * Continues the prompts that no training has seen. Sample k of every point continues prompt k (round after round) and
 * draws from the same random numbers.
 */
export async function openTextEvaluator(job: SweepJob, task: TextTask): Promise<PointEvaluator> {
  const backend = await openBackend(job.backend);
  const names = Object.keys(job.experts);
  await refuseIdenticalExperts(job);
  const { train, validation } = await readPrompts(task);
  const scorer = await TextScorer.open({ job, objective: null, corpus: [...train, ...validation], metrics: 'all', backend });
  const soup = await openLanguageSoup(backend, job.base, Object.values(job.experts), task.blend);
  const reference = await openLanguageModel(backend, job.base);
  return {
    backend: backend.name,
    device: backend.device,
    async *evaluate(point) {
      const { model, close } = await modelOf(backend, job, point, soup, names);
      try {
        for (let first = 0; first < job.samples; first += wave) {
          const prompts = Array.from({ length: Math.min(wave, job.samples - first) }, (_, k) => validation[(first + k) % validation.length]!);
          yield await continueAndScore({ backend, model, reference, scorer, task, prompts, seed: generationSeed(job.seed, first) });
        }
      } finally {
        close();
      }
    },
    close: () => {
      soup.dispose();
      reference.dispose();
    },
  };
}

/** The model of a point: blended in memory, or opened from its checkpoint. */
async function modelOf(backend: OpenBackend, job: SweepJob, { name, weights, checkpoint }: SweepPoint, soup: LanguageSoup, names: readonly string[]): Promise<{ readonly model: LanguageModel; readonly close: () => void }> {
  const mixes = weights !== null && (checkpoint === null || Object.values(job.experts).includes(checkpoint));
  if (mixes) {
    for (const expert of Object.keys(weights)) if (!names.includes(expert)) throw new SoupError('UnknownExpertError', `Point ${name} weighs "${expert}", but the experts are ${names.join(', ')}.`);
    soup.blend(names.map((expert) => weights[expert] ?? 0));
    return { model: soup.model, close: () => undefined };
  }
  const isAdapter = (await openCheckpoint(checkpoint!)).kind === 'adapter';
  const model = isAdapter ? await openLanguageModel(backend, job.base, { adapter: checkpoint! }) : await openLanguageModel(backend, checkpoint!);
  return { model, close: () => model.dispose() };
}

interface Wave {
  readonly backend: OpenBackend;
  readonly model: LanguageModel;
  readonly reference: LanguageModel;
  readonly scorer: TextScorer;
  readonly task: TextTask;
  readonly prompts: readonly Prompt[];
  readonly seed: number;
}

async function continueAndScore({ backend: { tf }, model, reference, scorer, task, prompts, seed }: Wave): Promise<readonly EpisodeScore[]> {
  const tokens = prompts.map(({ prompt }) => promptTokens(model.tokenizer, task, model.contextLength, prompt));
  const settings = task.evaluation === 'greedy' ? { ...generationSettings(task), temperature: 0 } : generationSettings(task);
  const generations = await model.generate(tokens, { ...settings, seed, batch: wave });
  const references = await scoredValues(tf, (rows) => reference.score(rows, rows.scored).logProbabilities, generations);
  const samples = generations.map((generation, k) => ({ ...prompts[k]!, text: generation.text, tokenCount: generation.tokens.length, logProbabilities: generation.logProbabilities, referenceLogProbabilities: references[k]! }));
  return (await scorer.score(samples, 1)).samples;
}

/** Soups of equal experts are all alike: a sure sign that a checkpoint was not what it seemed. */
async function refuseIdenticalExperts({ experts }: SweepJob): Promise<void> {
  const hashes = new Set<string>();
  for (const directory of Object.values(experts)) hashes.add(await checkpointSha256(await openCheckpoint(directory)));
  if (Object.keys(experts).length > 1 && hashes.size === 1) throw new SoupError('IdenticalExpertsError', `The experts ${Object.keys(experts).join(' and ')} have the same weights, so every soup is the same: check that each was trained on its own reward, and train again.`, { isInput: false });
}
