import type { MeasuredMean } from '../analysis/measured-mean';
import type { NotFinite } from '../checkpoint/difference';
import { isFloatDtype, type Dtype } from '../checkpoint/dtype';
import type { BlendDraft } from '../merge/blend-draft';
import type { BlendForecast } from '../merge/forecast';
import type { ParameterValue } from '../merge/methods/parameter';
import { preflightChecks, type PreflightFinding } from '../merge/preflight-checks';
import { isCount, isEither, isFlag, isListOf, isNullOr, isNumber, isObject, isOneOf, isRecordOf, isText, messageReader, type Check } from './check';
import { isMeasuredMean } from './snapshot-checks';
import { isPreviewPrompt, isPreviewSettings, readFromPreview, type FromPreview, type PreviewPrompt, type PreviewTextSettings } from './preview';

/*
 * The blend panel: the page holds the draft and what is chosen of it; the host forecasts every draft that it is sent,
 * saves it, and copies it. The page keeps the draft over reloads and sends it again.
 */

/** One parameter of a method, as a form shows it. */
export interface ParameterField {
  readonly name: string;
  readonly type: 'number' | 'integer' | 'boolean';
  /** null where it has to be said */
  readonly default: ParameterValue | null;
  readonly minimum: number | null;
  readonly maximum: number | null;
  readonly description: string;
}

export interface MethodForm {
  readonly name: string;
  readonly description: string;
  /** how many experts it takes; no limit where null */
  readonly minimum: number;
  readonly maximum: number | null;
  readonly base: 'required' | 'optional' | 'none';
  readonly isRandom: boolean;
  readonly takesFishers: boolean;
  readonly takesWeights: boolean;
  readonly parameters: readonly ParameterField[];
  /** of every expert, λ left out */
  readonly modelParameters: readonly ParameterField[];
}

export interface BlendInput {
  readonly path: string;
  readonly name: string;
  readonly description: string;
  readonly isAdapter: boolean;
}

export interface BaseChoice {
  readonly path: string;
  readonly label: string;
}

/** What a sweep has measured at one λ, by the order of the inputs. */
export interface MeasuredPoint {
  readonly weights: readonly number[];
  readonly rewards: Readonly<Record<string, MeasuredMean>>;
}

/** The experiment that all inputs come from. */
export interface BlendExperiment {
  readonly name: string;
  readonly rewards: readonly string[];
  readonly points: readonly MeasuredPoint[];
  /** why no λ can be added to its sweep; null where one can */
  readonly whyNoSweep: string | null;
}

export interface BlendSetup {
  readonly inputs: readonly BlendInput[];
  readonly methods: readonly MethodForm[];
  readonly bases: readonly BaseChoice[];
  /** where soups go, as it is shown */
  readonly folder: string;
  /** why nothing can be written here; null where it can */
  readonly whyReadOnly: string | null;
  readonly experiment: BlendExperiment | null;
}

/** How far an expert is from the base, or from the first expert where there is none. */
export interface ShownDistance {
  readonly name: string;
  /** the first tensor with NaN or infinite values, and whose they are: then there is no distance; null where all are finite */
  readonly notFinite: NotFinite | null;
  readonly relative: number | null;
  readonly cosine: number | null;
}

export type ToBlendPanel =
  /** the draft of the opening; a page that has one of the same inputs keeps its own */
  | { readonly type: 'setup'; readonly setup: BlendSetup; readonly draft: BlendDraft; readonly isFresh: boolean }
  | { readonly type: 'failure'; readonly message: string }
  /** of the draft with that number; `name` is what the soup would be called */
  | { readonly type: 'forecast'; readonly id: number; readonly forecast: BlendForecast; readonly name: string; readonly seconds: number | null }
  | { readonly type: 'forecast-failure'; readonly id: number; readonly message: string }
  /** `from` is the expert that they are from where there is no base, null for the base */
  | { readonly type: 'distances'; readonly from: string | null; readonly distances: readonly ShownDistance[]; readonly problem: string | null }
  /** what is computed, how far it is; null when nothing is */
  | { readonly type: 'work'; readonly text: string | null; readonly fraction: number | null }
  /** that was chosen, or found to be the experts' own: it is taken then where none is chosen yet */
  | { readonly type: 'base'; readonly choice: BaseChoice; readonly isFound: boolean }
  | { readonly type: 'fisher'; readonly input: number; readonly path: string }
  | { readonly type: 'preferred'; readonly weights: readonly number[] | null; readonly lines: readonly string[] }
  | { readonly type: 'saved'; readonly path: string; readonly name: string; readonly warnings: readonly string[] }
  /** of the preview's process, as it says it; only the newest request is answered */
  | { readonly type: 'preview'; readonly message: FromPreview }
  /** the preview's process is gone, or there is none yet */
  | { readonly type: 'preview-closed'; readonly problem: string | null }
  /** what a copy, a save or a sweep came to */
  | { readonly type: 'told'; readonly message: string; readonly isProblem: boolean };

export type FromBlendPanel =
  | { readonly type: 'ready' }
  | { readonly type: 'draft'; readonly id: number; readonly draft: BlendDraft }
  | { readonly type: 'measure'; readonly draft: BlendDraft }
  | { readonly type: 'choose-base' }
  | { readonly type: 'choose-fisher'; readonly input: number }
  | { readonly type: 'prefer'; readonly expression: string }
  /** `name` is null where the proposed one will do */
  | { readonly type: 'save'; readonly draft: BlendDraft; readonly name: string | null }
  | { readonly type: 'copy'; readonly as: 'mergekit' | 'command'; readonly draft: BlendDraft; readonly name: string | null }
  | { readonly type: 'add-to-sweep'; readonly weights: readonly number[] }
  /** starts the preview's process on the draft's checkpoints */
  | { readonly type: 'open-preview'; readonly draft: BlendDraft }
  | { readonly type: 'preview-text'; readonly prompt: PreviewPrompt; readonly settings: PreviewTextSettings; readonly weights: readonly number[] }
  | { readonly type: 'preview-episodes'; readonly episodes: number; readonly seed: number; readonly weights: readonly number[] }
  | { readonly type: 'close-preview' }
  | { readonly type: 'inspect'; readonly path: string }
  | { readonly type: 'reveal'; readonly path: string }
  | { readonly type: 'stop' };

const isValue: Check<ParameterValue> = isEither(isNumber, isFlag);
const isField = isObject<ParameterField>({ name: isText, type: isOneOf('number', 'integer', 'boolean'), default: isNullOr(isValue), minimum: isNullOr(isNumber), maximum: isNullOr(isNumber), description: isText });
const isMethod = isObject<MethodForm>({
  name: isText, description: isText, minimum: isCount, maximum: isNullOr(isCount), base: isOneOf('required', 'optional', 'none'), isRandom: isFlag, takesFishers: isFlag, takesWeights: isFlag,
  parameters: isListOf(isField), modelParameters: isListOf(isField),
});
const isBase = isObject<BaseChoice>({ path: isText, label: isText });
const isSetup = isObject<BlendSetup>({
  inputs: isListOf(isObject<BlendInput>({ path: isText, name: isText, description: isText, isAdapter: isFlag })),
  methods: isListOf(isMethod),
  bases: isListOf(isBase),
  folder: isText,
  whyReadOnly: isNullOr(isText),
  experiment: isNullOr(isObject<BlendExperiment>({ name: isText, rewards: isListOf(isText), points: isListOf(isObject<MeasuredPoint>({ weights: isListOf(isNumber), rewards: isRecordOf(isMeasuredMean) })), whyNoSweep: isNullOr(isText) })),
});
export const isBlendDraft = isObject<BlendDraft>({
  inputs: isListOf(isText), method: isText, weights: isListOf(isNumber), curves: isNullOr(isListOf(isListOf(isNumber))), extrapolate: isFlag, parameters: isRecordOf(isValue), base: isNullOr(isText), fishers: isListOf(isText),
  dtype: isNullOr((value): value is NonNullable<BlendDraft['dtype']> => isFloatDtype(value as Dtype)), seed: isCount, space: isOneOf('factor', 'delta'), rank: isNullOr(isCount), mergeIntoBase: isFlag,
});
const isForecast = isObject<BlendForecast>({
  names: isListOf(isText),
  findings: isListOf(isObject<PreflightFinding>({ check: isOneOf(...preflightChecks), level: isOneOf('problem', 'warning'), text: isText })),
  facts: isRecordOf(isText),
  problem: isNullOr(isText),
  output: isNullOr(isObject<NonNullable<BlendForecast['output']>>({ tensors: isCount, parameters: isCount, sizeBytes: isCount, readBytes: isCount })),
  layers: isCount,
  differences: isNullOr(isRecordOf(isNullOr(isNumber))),
});

export const readToBlendPanel = messageReader<ToBlendPanel>({
  setup: { setup: isSetup, draft: isBlendDraft, isFresh: isFlag },
  failure: { message: isText },
  forecast: { id: isCount, forecast: isForecast, name: isText, seconds: isNullOr(isNumber) },
  'forecast-failure': { id: isCount, message: isText },
  distances: { from: isNullOr(isText), distances: isListOf(isObject<ShownDistance>({ name: isText, notFinite: isNullOr(isObject<NotFinite>({ tensor: isText, isOfCheckpoint: isFlag, isOfReference: isFlag })), relative: isNullOr(isNumber), cosine: isNullOr(isNumber) })), problem: isNullOr(isText) },
  work: { text: isNullOr(isText), fraction: isNullOr(isNumber) },
  base: { choice: isBase, isFound: isFlag },
  fisher: { input: isCount, path: isText },
  preferred: { weights: isNullOr(isListOf(isNumber)), lines: isListOf(isText) },
  saved: { path: isText, name: isText, warnings: isListOf(isText) },
  preview: { message: (value): value is FromPreview => readFromPreview(value) !== null },
  'preview-closed': { problem: isNullOr(isText) },
  told: { message: isText, isProblem: isFlag },
});

export const readFromBlendPanel = messageReader<FromBlendPanel>({
  ready: {},
  draft: { id: isCount, draft: isBlendDraft },
  measure: { draft: isBlendDraft },
  'choose-base': {},
  'choose-fisher': { input: isCount },
  prefer: { expression: isText },
  save: { draft: isBlendDraft, name: isNullOr(isText) },
  copy: { as: isOneOf('mergekit', 'command'), draft: isBlendDraft, name: isNullOr(isText) },
  'add-to-sweep': { weights: isListOf(isNumber) },
  'open-preview': { draft: isBlendDraft },
  'preview-text': { prompt: isPreviewPrompt, settings: isPreviewSettings, weights: isListOf(isNumber) },
  'preview-episodes': { episodes: isCount, seed: isCount, weights: isListOf(isNumber) },
  'close-preview': {},
  inspect: { path: isText },
  reveal: { path: isText },
  stop: {},
});
