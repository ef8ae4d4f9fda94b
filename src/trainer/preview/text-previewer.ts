import { SoupError } from '../../errors';
import { textTask, type TextTask } from '../../experiment/tasks/text';
import type { PreviewPoint, PreviewTextSettings } from '../../protocol/preview';
import type { CheckpointOrigin } from '../../runs/checkpoint-origin';
import { openBackend } from '../backend/backend';
import type { BackendName } from '../../experiment/schema';
import type { Prompt } from '../metrics/metric';
import { openLanguageModel } from '../models/language/open';
import { openLanguageSoup } from '../models/language/soup';
import type { Generation, LanguageModel } from '../models/language-model';
import { compileRewards } from '../train';
import { readPrompts } from '../tasks/text/prompts';
import { generationSettings, promptTokens, scoredValues } from '../tasks/text/rollouts';
import { interrupted, turn, weightsOf, wrongRequest, type PointAnswer, type Previewer } from './previewer';
import { TextScores } from './text-scores';

/** Prompts of the experiment that are offered to choose from. */
const offeredPrompts = 50;
/** Answers that are kept: a λ that comes back is not computed again. */
const keptAnswers = 256;

export interface TextPreviewOptions {
  readonly experts: Readonly<Record<string, string>>;
  readonly base: string | null;
  readonly space: 'factor' | 'delta' | null;
  readonly backend: BackendName;
  readonly origin: CheckpointOrigin | null;
}

/** What a model from elsewhere is asked: the defaults of the experiment file. */
const defaultTask: TextTask = textTask.parse({ type: 'text', prompts: 'none' });

/** Opens base and experts once: θ₀ as a model of its own, and one model whose weights become each expert and soup. */
export async function openTextPreviewer({ experts, base, space, backend: backendName, origin }: TextPreviewOptions): Promise<Previewer> {
  const task = origin?.task.type === 'text' ? origin.task : defaultTask;
  const backend = await openBackend(backendName);
  const names = Object.keys(experts);
  const reference = base === null ? null : await openLanguageModel(backend, base);
  const soup = await openLanguageSoup(backend, base ?? experts[names[0]!]!, Object.values(experts), space ?? task.blend);
  const { train, validation } = origin?.task.type === 'text' ? await readPrompts(origin.task).catch(passOver({ train: [], validation: [] })) : { train: [], validation: [] };
  const { rewards, metrics: declared } = origin ?? { rewards: {}, metrics: {} };
  const known = new Map([...train, ...validation].map((one) => [one.prompt, one]));
  const scores = new TextScores({ rewards: compileRewards({ task, metrics: declared, rewards }), metrics: declared, corpus: [...train, ...validation], hasBase: reference !== null, backend });
  const kept = new Map<string, readonly PointAnswer[]>();

  const modelOf = (point: PreviewPoint): LanguageModel => {
    if (point.kind === 'init') return reference!;
    soup.blend(weightsOf(point, names));
    return soup.model;
  };
  const scoresOf = async (prompt: Prompt, generation: Generation) => {
    const [own] = reference ? await scoredValues(backend.tf, (rows) => reference.score(rows, rows.scored).logProbabilities, [generation]) : [[]];
    return scores.score({ ...prompt, text: generation.text, tokenCount: generation.tokens.length, logProbabilities: generation.logProbabilities, referenceLogProbabilities: own! });
  };
  return {
    task: { type: 'text', settings: settingsOf(task, origin?.seed ?? 0), prompts: validation.slice(0, offeredPrompts), hasChatTemplate: soup.model.tokenizer.hasChatTemplate, contextLength: soup.model.contextLength },
    experts: names,
    base,
    backend: backend.name,
    device: backend.device,
    async answer(point, request, tell, signal) {
      if (request.type !== 'text') throw wrongRequest(request.type, 'text');
      const { settings } = request;
      const prompt = withFields(request.prompt, known);
      const key = JSON.stringify([point.kind, point.name, point.weights, prompt, settings]);
      const answered = kept.get(key);
      if (answered) return answered.forEach(tell);
      const model = modelOf(point);
      const { seed, system, stop, ...others } = settings;
      const asked: TextTask = { ...defaultTask, ...others, stop: [...stop], ...(system === null ? {} : { system }) };
      const tokens = promptTokens(model.tokenizer, asked, model.contextLength, prompt.prompt);
      const [generation] = await model.generate([tokens], { ...generationSettings(asked), seed }, async ([sofar]) => {
        tell({ type: 'text', text: partialText(model.tokenizer.decode(sofar!)), tokens: sofar!.length, ended: null });
        await turn(signal);
      });
      const { text, ended } = generation!;
      const final = { type: 'text', text, tokens: generation!.tokens.length, ended } as const;
      tell(final);
      const measuredScores = { type: 'scores', scores: await beforeAbort(scoresOf(prompt, generation!), signal) } as const;
      tell(measuredScores);
      // a server that was down may be up the next time
      if (!measuredScores.scores.some(({ name, problem }) => problem !== null && name in declared)) kept.set(key, [final, measuredScores]);
      if (kept.size > keptAnswers) kept.delete(kept.keys().next().value!);
      await turn(signal);
    },
    close() {
      soup.dispose();
      reference?.dispose();
    },
  };
}

function settingsOf({ maxNewTokens, minNewTokens, temperature, topK, topP, repetitionPenalty, stop, chat, system }: TextTask, seed: number): PreviewTextSettings {
  return { maxNewTokens, minNewTokens, temperature, topK, topP, repetitionPenalty, stop, chat, system: system ?? null, seed };
}

/** A typed prompt that is one of the experiment's has its references and source. */
function withFields(prompt: Prompt, known: ReadonlyMap<string, Prompt>): Prompt {
  return prompt.references.length === 0 && prompt.source === null ? (known.get(prompt.prompt) ?? prompt) : prompt;
}

/** A character whose last bytes are still to come decodes to a replacement. */
const partialText = (text: string): string => text.replace(/\uFFFD+$/, '');

/** Prompts that are gone since the training are no reason not to preview. */
function passOver<T>(instead: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof SoupError) return instead;
    throw error;
  };
}

/** A metric that waits for a server must not hold up the next request. */
async function beforeAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(interrupted()), { once: true }));
  aborted.catch(() => undefined);
  return Promise.race([work, aborted]);
}
