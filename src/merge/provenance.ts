import { copyFile, readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { version } from '../../package.json';
import type { Checkpoint } from '../checkpoint/checkpoint';
import { fileSystemError } from '../checkpoint/errors';
import type { ExpertValues } from './blend-parameters';
import type { ParameterValues } from './methods/parameter';
import type { MergePlan } from './plan';
import { isTokenizerFile, tokenizerDirectory } from './tokenizer/tokenizer-directory';
import type { Weight } from './weights';

/** `soup.json`: how a soup was made, enough to make it again. */
export interface SoupRecord {
  readonly method: string;
  readonly parameters: { readonly normalize: boolean; readonly extrapolate: boolean; readonly dtype: string | null; readonly space: 'weights' | 'factors' | 'delta'; readonly rank?: number; readonly mergedIntoBase?: boolean };
  /** the method's own, of the whole merge */
  readonly methodParameters?: ParameterValues;
  /** the method's own beside the weights, keyed by expert name */
  readonly modelParameters?: Readonly<Record<string, ExpertValues>>;
  /** paths of the Fisher information of each expert, of the method that takes it */
  readonly fishers?: readonly string[];
  /** of a merge by a mergekit configuration, instead of the weights */
  readonly configuration?: unknown;
  /** λ as blended, keyed by expert name; a list over the layers where it changes with them */
  readonly weights: Readonly<Record<string, Weight>>;
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
export function soupMetadata(first: Checkpoint, output: string, method: string, weights?: Readonly<Record<string, Weight>>): Record<string, string> {
  const kept = Object.entries(first.metadata).filter(([key]) => !key.startsWith('soup.'));
  return {
    format: 'pt',
    ...Object.fromEntries(kept),
    'soup.kind': 'soup',
    'soup.name': path.basename(path.resolve(output)),
    'soup.method': method,
    ...(weights ? { 'soup.weights': JSON.stringify(weights) } : {}),
  };
}

/** The part of it that is known when the inputs have been read. */
export function baseMetadata(baseSha256: string | null): Record<string, string> {
  return baseSha256 === null ? {} : { 'soup.base_sha256': baseSha256 };
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

/** Copies config, tokenizer and other small files that a model needs beside its weights; of `base+adapter` the adapter's tokenizer, where it has one. */
export async function copyCompanions(checkpoint: Checkpoint, directory: string): Promise<void> {
  const { directory: from } = checkpoint;
  const tokenizer = await tokenizerDirectory(checkpoint);
  if (from !== null) await copySmallFiles(from, directory, (name) => tokenizer === from || !isTokenizerFile(name));
  if (tokenizer !== null && tokenizer !== from) await copySmallFiles(tokenizer, directory, isTokenizerFile);
}

async function copySmallFiles(from: string, to: string, isWanted: (name: string) => boolean): Promise<void> {
  for (const name of await readdir(from)) {
    if (name.startsWith('.') || ownFiles.has(name) || name.endsWith('.index.json') || !companionTypes.has(path.extname(name)) || !isWanted(name)) continue;
    const source = path.join(from, name);
    // links are followed: a Hugging Face cache is made of them
    const stats = await stat(source).catch(() => null);
    if (!stats?.isFile() || stats.size > companionLimitBytes) continue;
    try {
      await copyFile(source, path.join(to, name));
    } catch (error) {
      // a full disk is the output's
      const isTarget = ['ENOSPC', 'EDQUOT', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '');
      throw fileSystemError(isTarget ? path.join(to, name) : source, error);
    }
  }
}
