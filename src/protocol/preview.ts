import { isCount, isEither, isFlag, isListOf, isNullOr, isNumber, isObject, isOneOf, isPairOf, isRecordOf, isText, messageReader, type Check } from './check';

/*
 * The preview: a process of the trainer (`node dist/trainer.js --preview`, messages over Node's IPC) that holds a base
 * and experts in memory and shows what they, and the soup at any λ, do. `src/runs/preview.ts` starts it and speaks for it.
 *
 *   host  open ─────────────────▶ opened | failure (id null; the process then ends)
 *   host  text | episodes (id) ─▶ started, then for each point text… or episodes…, and scores; at the end done
 *   host  cancel, or a newer request ─▶ cancelled (of the older id), at the next token or episode
 *
 * Points that were answered before, with the same prompt and settings, are answered from memory, so that a λ that moves
 * computes its soup alone. Nothing is written to the disk.
 */

/** How LoRA experts are blended: A and B averaged apart (as in the paper's code), or their products (exact). */
export type PreviewSpace = 'factor' | 'delta';

export interface PreviewExpert {
  /** under which λ weighs it */
  readonly name: string;
  /** absolute path of a checkpoint directory: whole weights, a PEFT adapter, or a policy */
  readonly path: string;
}

/** λ, keyed by expert name. */
export type PreviewWeights = Readonly<Record<string, number>>;

/** How texts are continued; `opened` says what the experiment (or the default) is. */
export interface PreviewTextSettings {
  readonly maxNewTokens: number;
  readonly minNewTokens: number;
  /** 0 always takes the most likely token */
  readonly temperature: number;
  /** 0 for all */
  readonly topK: number;
  readonly topP: number;
  readonly repetitionPenalty: number;
  readonly stop: readonly string[];
  /** whether the model's chat template wraps the prompt */
  readonly chat: boolean;
  readonly system: string | null;
  /** every point draws from the same random numbers */
  readonly seed: number;
}

/** A prompt, and what metrics compare its continuation with. */
export interface PreviewPrompt {
  readonly prompt: string;
  readonly references: readonly string[];
  readonly source: string | null;
}

export type PreviewTask =
  /** `prompts`: some of the experiment's that no training has seen, to choose from; none for a model from elsewhere */
  | { readonly type: 'text'; readonly settings: PreviewTextSettings; readonly prompts: readonly PreviewPrompt[]; readonly hasChatTemplate: boolean; readonly contextLength: number }
  | { readonly type: 'locomotion'; readonly environment: string; readonly episodeSteps: number };

/** What answers a request, as in results.jsonl: the base (`init`), an expert, or the soup at λ. */
export interface PreviewPoint {
  readonly kind: 'init' | 'expert' | 'soup';
  readonly name: string;
  /** of a soup; null for the others */
  readonly weights: PreviewWeights | null;
}

/** A reward of the experiment or a metric, of one text or averaged over episodes. */
export interface PreviewScore {
  readonly name: string;
  readonly of: 'reward' | 'metric';
  /** null where it could not be measured; `problem` says why */
  readonly value: number | null;
  /** of the mean over episodes, at 95 % (Student's t); null for a text, and for fewer than two episodes */
  readonly interval: readonly [low: number, high: number] | null;
  readonly problem: string | null;
}

export type ToPreview =
  | {
      readonly type: 'open';
      readonly experts: readonly PreviewExpert[];
      /** absolute path; null finds it by the experts' runs, or by what an adapter says */
      readonly base: string | null;
      /** null takes the experiment's, or `factor` */
      readonly space: PreviewSpace | null;
      readonly backend: 'auto' | 'tensorflow' | 'webgpu' | 'wasm' | 'cpu';
    }
  | { readonly type: 'text'; readonly id: number; readonly prompt: PreviewPrompt; readonly weights: readonly PreviewWeights[]; readonly settings: PreviewTextSettings }
  | { readonly type: 'episodes'; readonly id: number; readonly weights: readonly PreviewWeights[]; readonly episodes: number; readonly seed: number }
  | { readonly type: 'cancel' };

export type FromPreview =
  | {
      readonly type: 'opened';
      readonly task: PreviewTask;
      readonly experts: readonly string[];
      /** absolute path of θ₀; null where none is known, and then there is no point `init` */
      readonly base: string | null;
      /** run directory whose experiment says what is measured; null for checkpoints from elsewhere */
      readonly run: string | null;
      readonly rewards: readonly string[];
      readonly backend: string;
      readonly device: string;
    }
  /** the points that will answer, soups first in the order of the request; `point` below is an index into them */
  | { readonly type: 'started'; readonly id: number; readonly points: readonly PreviewPoint[] }
  /** the whole text so far; `ended` is null while it grows */
  | { readonly type: 'text'; readonly id: number; readonly point: number; readonly text: string; readonly tokens: number; readonly ended: 'end of text' | 'stop' | 'length' | null }
  /** episodes played so far; `scores` follow each of them */
  | { readonly type: 'episodes'; readonly id: number; readonly point: number; readonly played: number; readonly of: number }
  | { readonly type: 'scores'; readonly id: number; readonly point: number; readonly scores: readonly PreviewScore[] }
  | { readonly type: 'done'; readonly id: number }
  | { readonly type: 'cancelled'; readonly id: number }
  /** of a request, or of opening where `id` is null */
  | { readonly type: 'failure'; readonly id: number | null; readonly name: string; readonly message: string; readonly isInput: boolean };

const isWeights: Check<PreviewWeights> = isRecordOf(isNumber);
export const isPreviewSettings = isObject<PreviewTextSettings>({
  maxNewTokens: isCount,
  minNewTokens: isCount,
  temperature: isNumber,
  topK: isCount,
  topP: isNumber,
  repetitionPenalty: isNumber,
  stop: isListOf(isText),
  chat: isFlag,
  system: isNullOr(isText),
  seed: isCount,
});
export const isPreviewPrompt = isObject<PreviewPrompt>({ prompt: isText, references: isListOf(isText), source: isNullOr(isText) });
type TaskOf<T extends PreviewTask['type']> = Extract<PreviewTask, { readonly type: T }>;
const isTask = isEither(
  isObject<TaskOf<'text'>>({ type: isOneOf('text'), settings: isPreviewSettings, prompts: isListOf(isPreviewPrompt), hasChatTemplate: isFlag, contextLength: isCount }),
  isObject<TaskOf<'locomotion'>>({ type: isOneOf('locomotion'), environment: isText, episodeSteps: isCount }),
);
const isPoint = isObject<PreviewPoint>({ kind: isOneOf('init', 'expert', 'soup'), name: isText, weights: isNullOr(isWeights) });
const isScore = isObject<PreviewScore>({ name: isText, of: isOneOf('reward', 'metric'), value: isNullOr(isNumber), interval: isNullOr(isPairOf(isNumber, isNumber)), problem: isNullOr(isText) });

export const readToPreview = messageReader<ToPreview>({
  open: {
    experts: isListOf(isObject<PreviewExpert>({ name: isText, path: isText })),
    base: isNullOr(isText),
    space: isNullOr(isOneOf('factor', 'delta')),
    backend: isOneOf('auto', 'tensorflow', 'webgpu', 'wasm', 'cpu'),
  },
  text: { id: isCount, prompt: isPreviewPrompt, weights: isListOf(isWeights), settings: isPreviewSettings },
  episodes: { id: isCount, weights: isListOf(isWeights), episodes: isCount, seed: isCount },
  cancel: {},
});

export const readFromPreview = messageReader<FromPreview>({
  opened: { task: isTask, experts: isListOf(isText), base: isNullOr(isText), run: isNullOr(isText), rewards: isListOf(isText), backend: isText, device: isText },
  started: { id: isCount, points: isListOf(isPoint) },
  text: { id: isCount, point: isCount, text: isText, tokens: isCount, ended: isNullOr(isOneOf('end of text', 'stop', 'length')) },
  episodes: { id: isCount, point: isCount, played: isCount, of: isCount },
  scores: { id: isCount, point: isCount, scores: isListOf(isScore) },
  done: { id: isCount },
  cancelled: { id: isCount },
  failure: { id: isNullOr(isCount), name: isText, message: isText, isInput: isFlag },
});
