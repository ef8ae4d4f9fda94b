import { SoupError } from '../../../errors';
import type { DeclaredMetric } from '../../../experiment/declared-metrics';
import { PackageNotInstalled, requireOptional } from '../../backend/optional-package';
import type { Measure } from '../metric';

type ClassifierMetric = Extract<DeclaredMetric, { type: 'classifier' }>;

interface Logits {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}
interface Tokenizer {
  (texts: string[], options: object): object;
  encode(text: string): readonly number[];
  readonly pad_token?: string | null;
}
/** The part of transformers.js that is used. */
interface Transformers {
  readonly env: { allowRemoteModels: boolean };
  readonly AutoTokenizer: { from_pretrained(name: string, options: object): Promise<Tokenizer> };
  readonly AutoModelForSequenceClassification: {
    from_pretrained(name: string, options: object): Promise<{ (inputs: object): Promise<{ readonly logits: Logits }>; readonly config: { readonly id2label?: Readonly<Record<string, string>> } }>;
  };
}

const batch = 32;

/**
 * A neural reward model: text classification in ONNX from a local directory, through transformers.js, which has to be
 * installed for it (`npm install @huggingface/transformers`). Nothing is downloaded.
 * @throws SoupError ClassifierError where the package, the model or the label is missing
 */
export async function classifierMetric(name: string, settings: ClassifierMetric): Promise<Measure> {
  const { directory } = settings;
  const { env, AutoTokenizer, AutoModelForSequenceClassification } = load(name, directory);
  env.allowRemoteModels = false;
  const options = { local_files_only: true, dtype: 'fp32' };
  const [tokenizer, model] = await Promise.all([AutoTokenizer.from_pretrained(directory, options), AutoModelForSequenceClassification.from_pretrained(directory, options)]).catch((error: unknown) => {
    throw classifierError(name, `${directory} cannot be opened: ${(error as Error).message.replace(/\.+$/, '')}. It needs config.json, tokenizer.json and onnx/model.onnx`, error);
  });
  const index = labelIndex(name, settings, model.config.id2label ?? {});
  // where a tokenizer adds no [CLS] or the like, a text may have no token at all, which no model takes: padding stands for it
  const withTokens = tokenizer.encode('').length > 0 ? (text: string) => text : (text: string) => (tokenizer.encode(text).length > 0 ? text : (tokenizer.pad_token ?? text));
  const scored = async (texts: string[]): Promise<{ readonly logits: Logits }> => model(tokenizer(texts, { padding: true, truncation: true }));
  return async (samples) => {
    const scores: number[] = [];
    for (let start = 0; start < samples.length; start += batch) {
      const texts = samples.slice(start, start + batch).map(({ prompt, text }) => withTokens(settings.input === 'both' ? prompt + text : text));
      const { logits } = await scored(texts).catch((error: unknown) => {
        throw classifierError(name, `${directory} cannot score a text: ${(error as Error).message.trim()}`, error);
      });
      const classes = logits.dims[1]!;
      for (let row = 0; row < texts.length; row++) scores.push(scoreOf(logits.data.subarray(row * classes, (row + 1) * classes), index, settings.output));
    }
    return scores;
  };
}

/** Softmax over the classes, or the logistic function where there is only one. */
function scoreOf(logits: Float32Array, index: number | null, output: ClassifierMetric['output']): number {
  const chosen = logits[index ?? logits.length - 1]!;
  if (output === 'logit') return chosen;
  if (logits.length === 1) return 1 / (1 + Math.exp(-chosen));
  const highest = Math.max(...logits);
  return Math.exp(chosen - highest) / logits.reduce((sum, logit) => sum + Math.exp(logit - highest), 0);
}

function labelIndex(name: string, { label }: ClassifierMetric, labels: Readonly<Record<string, string>>): number | null {
  if (label === undefined) return null;
  const found = Object.entries(labels).find(([, text]) => text === label);
  if (!found) throw classifierError(name, `there is no label "${label}" in its config.json: ${Object.values(labels).join(', ')}`);
  return Number(found[0]);
}

function load(name: string, directory: string): Transformers {
  try {
    return requireOptional('@huggingface/transformers', directory) as Transformers;
  } catch (error) {
    if (error instanceof PackageNotInstalled) throw classifierError(name, 'neural reward models need a package that is not installed: run `npm install @huggingface/transformers` beside the model (ONNXRUNTIME_NODE_INSTALL=skip leaves CUDA out)', error);
    throw error;
  }
}

function classifierError(name: string, what: string, cause?: unknown): SoupError {
  return new SoupError('ClassifierError', `metrics.${name}: ${what}.`, { cause });
}
