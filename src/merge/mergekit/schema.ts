import * as z from 'zod';
import { markFilePath } from '../../experiment/file-path';

/** One value, or a list of them: a gradient over the layers. */
export type Scalar = number | boolean | string;
export interface ConditionalSetting {
  readonly value: Scalar | readonly Scalar[];
  /** part of a tensor's name; the setting holds for every tensor where absent or `*` */
  readonly filter?: string | null;
}
export type ParameterSetting = Scalar | readonly Scalar[] | ConditionalSetting | readonly ConditionalSetting[];
export type Settings = Readonly<Record<string, ParameterSetting>>;

const scalar = z.union([z.number(), z.boolean(), z.string()]);
const isScalar = (value: unknown): value is Scalar => scalar.safeParse(value).success;
const isGradient = (value: unknown): boolean => Array.isArray(value) && value.length > 0 && value.every(isScalar);
const isConditional = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { value: inner, filter, ...rest } = value as Record<string, unknown>;
  return (isScalar(inner) || isGradient(inner)) && (filter == null || typeof filter === 'string') && Object.keys(rest).length === 0;
};
const isSetting = (value: unknown): value is ParameterSetting => isScalar(value) || isGradient(value) || isConditional(value) || (Array.isArray(value) && value.length > 0 && value.every(isConditional));

/** What stands beside the filter and the value of an entry, for the message. */
function unknownEntryKey(setting: unknown): string {
  const entries: unknown[] = Array.isArray(setting) ? setting : [setting];
  const key = entries.flatMap((entry) => (typeof entry === 'object' && entry !== null ? Object.keys(entry) : [])).find((name) => name !== 'value' && name !== 'filter');
  return key === undefined ? '' : `unknown key "${key}": `;
}

/** Parameters by name; which there are is the method's to say. */
export const settingsSchema = z.record(z.string(), z.custom<ParameterSetting>(isSetting, { error: ({ input }) => `${unknownEntryKey(input)}expected a number, true or false, a list of them over the layers, or a list of {filter, value}` })).nullish().describe('Parameters of the method: one value, a list over the layers, or a list of {filter, value}.');

/** `path`, `path+adapter`, or mergekit's long form of the same. */
export const modelReference = markFilePath(z.custom<unknown>((value) => typeof value === 'string' || longForm.safeParse(value).success, { error: ({ input }) => unsupportedKey(input) ?? 'expected the path of a checkpoint, or path+adapter' }).transform((value) => {
  if (typeof value === 'string') return value;
  const { model: base, lora } = longForm.parse(value);
  const pathOf = (part: z.infer<typeof modelPath>) => (typeof part === 'string' ? part : part.path);
  return lora ? `${pathOf(base)}+${pathOf(lora)}` : pathOf(base);
}));
const modelPath = z.union([z.string(), z.strictObject({ path: z.string(), revision: z.null().optional() })]);
const longForm = z.strictObject({ model: modelPath, lora: modelPath.nullish(), override_architecture: z.null().optional() });

/** What a model in the long form asks for beyond a path and an adapter. */
function unsupportedKey(value: unknown): string | null {
  const own = (part: unknown) => Object.entries(typeof part === 'object' && part !== null ? part : {}) as [string, unknown][];
  const inner = own(value).flatMap(([key, part]) => (key === 'model' || key === 'lora' ? own(part) : []));
  const beyond = [...own(value).filter(([key]) => key !== 'model' && key !== 'lora'), ...inner.filter(([key]) => key !== 'path')];
  const found = beyond.find(([, part]) => part !== null);
  return found ? `${found[0]} is not supported: expected the path of a checkpoint, or path+adapter` : null;
}

const inputModel = z.strictObject({
  model: modelReference.describe('path of a checkpoint'),
  parameters: settingsSchema,
  fisher: markFilePath(z.string()).optional().describe('checkpoint with the diagonal of its Fisher information; of the method fisher alone'),
});
const inputSlice = z.strictObject({
  model: modelReference.describe('path of a checkpoint'),
  layer_range: z.tuple([z.int().min(0), z.int().min(1)], { message: 'expected [first, end], the end not included' }).describe('[first, end] of its layers, the end not included'),
  parameters: settingsSchema,
});
const outputSlice = z.strictObject({
  sources: z.array(inputSlice).min(1).describe('layers of models that are merged into these output layers'),
  base_model: modelReference.nullish().describe('Checkpoint that the others are compared with: the shared initialisation.'),
  parameters: settingsSchema,
});
const outputModule = z.strictObject({ slices: z.array(outputSlice).min(1).nullish(), models: z.array(inputModel).min(1).nullish(), parameters: settingsSchema });

const tokenSource = z.union([
  z.strictObject({ kind: z.literal('zero') }),
  z.strictObject({ kind: z.literal('model_token'), model: z.string(), token: z.string().optional(), token_id: z.int().optional() }),
  z.string(),
]);
const tokenizer = z.strictObject({
  source: z.string().default('union').describe('union, base or a model'),
  tokens: z.record(z.string(), z.strictObject({ source: tokenSource.nullish(), force: z.boolean().default(false) })).nullish(),
  pad_to_multiple_of: z.int().min(1).nullish(),
});

/** A mergekit configuration, as far as it is supported: every other key is an error that names it. */
export const mergekitSchema = z.strictObject({
  merge_method: z.string().describe('How the models are merged.'),
  models: z.array(inputModel).min(1).nullish().describe('Whole models that are merged.'),
  slices: z.array(outputSlice).min(1).nullish().describe('Ranges of layers, one after another, each merged from layers of models.'),
  modules: z.record(z.string(), outputModule).nullish().describe('Parts of a model of several parts, by name.'),
  base_model: modelReference.nullish().describe('Checkpoint that the others are compared with: the shared initialisation.'),
  parameters: settingsSchema,
  dtype: z.string().nullish().describe('Type of the merged weights: float32, bfloat16, float16.'),
  out_dtype: z.string().nullish().describe('Type of the file, where it differs from dtype.'),
  tokenizer_source: z.string().nullish().describe('union, base, or a model whose tokenizer is taken.'),
  tokenizer: tokenizer.nullish().describe('The tokenizer of the result, token by token.'),
  chat_template: z.string().nullish().describe('auto, alpaca, chatml, exaone, llama3, mistral, or the template itself.'),
});

export type MergekitConfig = z.infer<typeof mergekitSchema>;
export type InputModel = z.infer<typeof inputModel>;
export type OutputSlice = z.infer<typeof outputSlice>;
