import { copyFile, readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import { version } from '../../package.json';
import type { Checkpoint } from '../checkpoint/checkpoint';
import { fileSystemError } from '../checkpoint/errors';
import type { ParameterValues } from './methods/parameter';
import type { MergePlan } from './plan';

/** `soup.json`: how a soup was made, enough to make it again. */
export interface SoupRecord {
  readonly method: string;
  readonly parameters: { readonly normalize: boolean; readonly extrapolate: boolean; readonly dtype: string | null; readonly space: 'weights' | 'factors' | 'delta'; readonly rank?: number; readonly mergedIntoBase?: boolean };
  /** the method's own, of the whole merge */
  readonly methodParameters?: ParameterValues;
  /** the method's own beside the weights, keyed by expert name */
  readonly modelParameters?: Readonly<Record<string, ParameterValues>>;
  /** paths of the Fisher information of each expert, of the method that takes it */
  readonly fishers?: readonly string[];
  /** of a merge by a mergekit configuration, instead of the weights */
  readonly configuration?: unknown;
  /** λ as blended, keyed by expert name */
  readonly weights: Readonly<Record<string, number>>;
  /** paths relative to the soup's directory, with /, where the disk allows */
  readonly inputs: readonly { readonly name: string; readonly path: string; readonly sha256: string }[];
  readonly base: { readonly path: string | null; readonly sha256: string } | null;
  /** null where nothing is drawn */
  readonly seed: number | null;
  readonly tool: 'rewarded-soups';
  readonly toolVersion: string;
  readonly createdAt: string;
}

export function soupRecord(fields: Omit<SoupRecord, 'tool' | 'toolVersion' | 'createdAt'>): SoupRecord {
  return { ...fields, tool: 'rewarded-soups', toolVersion: version, createdAt: new Date().toISOString() };
}

/** Path of an input from the soup's directory; of a base with an adapter, both. */
export function referencePath(from: string, { path: given, adapted }: Checkpoint): string {
  return adapted ? `${referencePath(from, adapted.base)}+${referencePath(from, adapted.adapter)}` : relativePath(from, given);
}

export function relativePath(from: string, to: string): string {
  return path.relative(from, path.resolve(to)).split(path.sep).join('/') || '.';
}

/** `__metadata__` of a soup: the first input's, without what was true of that expert alone. */
export function soupMetadata(first: Checkpoint, output: string, method: string, weights: Readonly<Record<string, number>>): Record<string, string> {
  const kept = Object.entries(first.metadata).filter(([key]) => !key.startsWith('soup.'));
  return {
    format: 'pt',
    ...Object.fromEntries(kept),
    'soup.kind': 'soup',
    'soup.name': path.basename(path.resolve(output)),
    'soup.method': method,
    'soup.weights': JSON.stringify(weights),
  };
}

/** The part of it that is known when the inputs have been read. */
export function baseMetadata(baseSha256: string | null): Record<string, string> {
  return baseSha256 === null ? {} : { 'soup.base_sha256': baseSha256 };
}

/** A blend as a mergekit configuration; paths are relative to the soup's directory. `soup merge` reads it, and mergekit the methods that it has. */
export function blendConfiguration({ method, inputs, weights, base, fishers, methodParameters, modelParameters, parameters: { dtype } }: SoupRecord): Readonly<Record<string, unknown>> {
  const isLinear = method === 'linear';
  const models = inputs.map(({ name: expert, path: model }, i) => {
    const parameters = isLinear ? { weight: weights[expert] } : (modelParameters?.[expert] ?? {});
    return { model, ...(fishers ? { fisher: fishers[i] } : {}), ...(Object.keys(parameters).length > 0 ? { parameters } : {}) };
  });
  const parameters = isLinear ? { normalize: false } : (methodParameters ?? {});
  return {
    models,
    merge_method: method,
    ...(isLinear || base?.path == null ? {} : { base_model: base.path }),
    ...(Object.keys(parameters).length > 0 ? { parameters } : {}),
    dtype: 'float32',
    ...(dtype === null ? {} : { out_dtype: dtype }),
  };
}

const spaceText = {
  weights: '',
  factors: '\nThe adapter factors A and B are averaged separately, as in the code of the paper; the update BA is then quadratic in λ.\n',
  delta: '\nThe updates BA of the adapters are averaged, so that the update is linear in λ.\n',
} as const;

/** Hugging Face model card in mergekit's form: front matter, and the recipe as a mergekit configuration. */
export function modelCard(name: string, record: SoupRecord): string {
  const front = stringify({
    base_model: [...(record.method === 'linear' || record.base?.path == null ? [] : [record.base.path]), ...record.inputs.map(({ path: input }) => input)],
    ...(record.parameters.space === 'weights' || record.parameters.mergedIntoBase ? {} : { library_name: 'peft' }),
    tags: ['mergekit', 'merge', 'rewarded-soups'],
  });
  const config = stringify(blendConfiguration(record));
  const rows = record.inputs.map(({ name: expert, sha256 }) => `| ${expert.replaceAll('|', '\\|')} | ${record.weights[expert]} | \`${sha256}\` |`);
  const factors = spaceText[record.parameters.space];
  return `---
${front}---
# ${name}

${record.method === 'linear' ? 'A rewarded soup ([Ramé et al. 2023](https://arxiv.org/abs/2306.04488)): linear interpolation of fine-tuned weights.' : `Fine-tuned weights merged by the method ${record.method}.`}
${factors}
| expert | λ | SHA-256 |
|---|---|---|
${rows.join('\n')}

\`\`\`yaml
${config}\`\`\`

Made by rewarded-soups ${record.toolVersion}; \`soup.json\` has the full provenance.
`;
}

export async function writeText(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flush: true });
  } catch (error) {
    throw fileSystemError(file, error);
  }
}

/** The index of a sharded soup, as transformers writes it. */
export function shardIndex(plan: MergePlan): string {
  const weightMap = Object.fromEntries(plan.files.flatMap(({ file, tensors }) => tensors.map(({ name }) => [name, file])));
  return `${JSON.stringify({ metadata: { total_size: plan.outBytes }, weight_map: weightMap }, null, 2)}\n`;
}

const companionLimitBytes = 64 * 2 ** 20;
const companionTypes = new Set(['.json', '.txt', '.model', '.jinja', '.py', '.tiktoken', '']);
/** Of a run or of the weights that the soup replaces, not of the model. */
const ownFiles = new Set(['run.json', 'soup.json', 'log.txt', 'trainer_state.json', 'training_args.json', 'experiment.resolved.json', 'all_results.json', 'train_results.json', 'eval_results.json']);

/** Copies config, tokenizer and other small files that a model needs beside its weights. Returns their names. */
export async function copyCompanions(checkpoint: Checkpoint, directory: string): Promise<string[]> {
  if (checkpoint.directory === null) return [];
  const copied: string[] = [];
  for (const entry of (await readdir(checkpoint.directory, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const { name } = entry;
    const source = path.join(checkpoint.directory, name);
    if (name.startsWith('.') || ownFiles.has(name) || name.endsWith('.index.json') || !companionTypes.has(path.extname(name))) continue;
    // links are followed: a Hugging Face cache is made of them
    const stats = await stat(source).catch(() => null);
    if (!stats?.isFile() || stats.size > companionLimitBytes) continue;
    try {
      await copyFile(source, path.join(directory, name));
    } catch (error) {
      throw fileSystemError(source, error);
    }
    copied.push(name);
  }
  return copied;
}
