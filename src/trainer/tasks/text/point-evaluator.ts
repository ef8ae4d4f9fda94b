import { SoupError } from '../../../errors';
import type { TextTask } from '../../../experiment/tasks/text';
import type { SweepJob, SweepPoint } from '../../../runs/run-record';
import { openCheckpoint } from '../../../checkpoint/checkpoint';
import { checkpointSha256 } from '../../../checkpoint/digest';
import { openBackend, type OpenBackend } from '../../backend/backend';
import type { EpisodeScore } from '../../episodes';
import type { Prompt } from '../../metrics/metric';
import type { Generation, GenerationSettings, LanguageEnsemble, LanguageModel, LanguageSoup } from '../../models/language-model';
import { openLanguageEnsemble } from '../../models/language/ensemble';
import { openExpert, openLanguageModel } from '../../models/language/open';
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
  let ensemble: LanguageEnsemble | null = null;
  async function* waves(generate: Wave['generate']): AsyncGenerator<readonly ScoredGeneration[]> {
    for (let first = 0; first < job.samples; first += wave) {
      const prompts = Array.from({ length: Math.min(wave, job.samples - first) }, (_, k) => validation[(first + k) % validation.length]!);
      yield await continueAndScore({ backend, generate, reference, scorer, task, prompts, seed: generationSeed(job.seed, first) });
    }
  }
  return {
    backend: backend.name,
    device: backend.device,
    async *evaluate(point) {
      const { model, close } = await modelOf(backend, job, point, soup, names);
      try {
        for await (const scored of waves((prompts, settings) => model.generate(prompts, settings))) yield scored.map(({ score }) => score);
      } finally {
        close();
      }
    },
    async *evaluateEnsemble(point) {
      ensemble ??= await openLanguageEnsemble(backend, job.base, Object.values(job.experts), soup);
      const { generate } = ensemble;
      const weights = blendInto(soup, point, names);
      for await (const scored of waves((prompts, settings) => generate(weights, prompts, settings))) yield scored.map(({ score, generation }) => ({ ...score, kl: mean(generation.kl!) }));
    },
    close: () => {
      ensemble?.dispose();
      soup.dispose();
      reference.dispose();
    },
  };
}

/** The model of a point: blended in memory, or opened from its checkpoint. */
async function modelOf(backend: OpenBackend, job: SweepJob, point: SweepPoint, soup: LanguageSoup, names: readonly string[]): Promise<{ readonly model: LanguageModel; readonly close: () => void }> {
  const { weights, checkpoint } = point;
  const mixes = weights !== null && (checkpoint === null || Object.values(job.experts).includes(checkpoint));
  if (mixes) {
    blendInto(soup, point, names);
    return { model: soup.model, close: () => undefined };
  }
  const model = await openExpert(backend, job.base, checkpoint!);
  return { model, close: () => model.dispose() };
}

/** Forms the soup of a point, and gives its λ in the order of the experts. */
function blendInto(soup: LanguageSoup, { name, weights }: SweepPoint, names: readonly string[]): number[] {
  for (const expert of Object.keys(weights!)) if (!names.includes(expert)) throw new SoupError('UnknownExpertError', `Point ${name} weighs "${expert}", but the experts are ${names.join(', ')}.`);
  const ordered = names.map((expert) => weights![expert] ?? 0);
  soup.blend(ordered);
  return ordered;
}

interface Wave {
  readonly backend: OpenBackend;
  readonly generate: (prompts: readonly Int32Array[], settings: GenerationSettings) => Promise<Generation[]>;
  readonly reference: LanguageModel;
  readonly scorer: TextScorer;
  readonly task: TextTask;
  readonly prompts: readonly Prompt[];
  readonly seed: number;
}

interface ScoredGeneration {
  readonly generation: Generation;
  readonly score: EpisodeScore;
}

async function continueAndScore({ backend: { tf }, generate, reference, scorer, task, prompts, seed }: Wave): Promise<readonly ScoredGeneration[]> {
  const tokens = prompts.map(({ prompt }) => promptTokens(reference.tokenizer, task, reference.contextLength, prompt));
  const settings = task.evaluation === 'greedy' ? { ...generationSettings(task), temperature: 0 } : generationSettings(task);
  const generations = await generate(tokens, { ...settings, seed, batch: wave });
  const references = await scoredValues(tf, (rows) => reference.score(rows, rows.scored).logProbabilities, generations);
  const samples = generations.map((generation, k) => ({ ...prompts[k]!, text: generation.text, tokenCount: generation.tokens.length, logProbabilities: generation.logProbabilities, referenceLogProbabilities: references[k]! }));
  const { samples: scores } = await scorer.score(samples, 1);
  return generations.map((generation, k) => ({ generation, score: scores[k]! }));
}

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Soups of equal experts are all alike: a sure sign that a checkpoint was not what it seemed. */
async function refuseIdenticalExperts({ experts }: SweepJob): Promise<void> {
  const hashes = new Set<string>();
  for (const directory of Object.values(experts)) hashes.add(await checkpointSha256(await openCheckpoint(directory)));
  if (Object.keys(experts).length > 1 && hashes.size === 1) throw new SoupError('IdenticalExpertsError', `The experts ${Object.keys(experts).join(' and ')} have the same weights, so every soup is the same: check that each was trained on its own reward, and train again.`, { isInput: false });
}
