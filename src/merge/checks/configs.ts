import { readLoraAdapter } from '../../checkpoint/lora-adapter';
import { hubName, type NamedCheckpoint } from '../../checkpoint/names';
import { SoupError } from '../../errors';
import type { Findings } from './findings';

/** Values that say where a file came from, and change nothing in how it runs. */
const harmlessKeys = new Set(['tie_word_embeddings', '_name_or_path', 'name_or_path', 'transformers_version', 'torch_dtype', 'dtype', 'base_model_name_or_path', 'revision', 'inference_mode', 'vocab_size']);
const adapterKeys = ['peft_type', 'r', 'lora_alpha', 'rank_pattern', 'alpha_pattern', 'use_rslora', 'use_dora', 'fan_in_fan_out'];

interface Differing {
  readonly ours: Readonly<Record<string, unknown>>;
  readonly theirs: Readonly<Record<string, unknown>>;
  readonly keys: readonly string[];
}

/** Keys of two configs with other values; null where one has none, which is said where it lies in a directory. */
function differing(first: NamedCheckpoint, other: NamedCheckpoint, findings: Findings): Differing | null {
  const [ours, theirs] = [first.checkpoint.config, other.checkpoint.config];
  if (ours && theirs) return { ours, theirs, keys: [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].filter((key) => canonical(ours[key]) !== canonical(theirs[key])) };
  if (ours !== theirs && first.checkpoint.directory && other.checkpoint.directory) findings.of('config').warnings.push(`${(ours ? other : first).name} has no config, so it could not be compared with ${(ours ? first : other).name}'s`);
  return null;
}

/** Configs of whole models whose tensors are blended one with one. */
export function checkModelConfigs(first: NamedCheckpoint, other: NamedCheckpoint, findings: Findings): void {
  const found = differing(first, other, findings);
  if (!found) return;
  const { ours, theirs, keys } = found;
  const both = (key: string) => `config.json ${key}: ${canonical(ours[key])} in ${first.name}, ${canonical(theirs[key])} in ${other.name}`;
  if (keys.includes('tie_word_embeddings')) findings.of('tied weights').problems.push(`${both('tie_word_embeddings')} — save both with the head tied to the embeddings, or both without`);
  if (keys.includes('vocab_size')) findings.of('vocabulary').problems.push(`${both('vocab_size')} — resize one (resize_token_embeddings)`);
  note(first, other, keys, findings);
}

/** Configs of models of which layers are merged: heads, vocabularies and numbers of layers are matched elsewhere. */
export function noteModelConfigs(first: NamedCheckpoint, other: NamedCheckpoint, layerKeys: readonly string[], findings: Findings): void {
  const found = differing(first, other, findings);
  const count = found && layerKeys.map((key) => found.ours[key]).find((value) => typeof value === 'number');
  // lists with one entry a layer follow the layers
  if (found) note(first, other, found.keys.filter((key) => !layerKeys.includes(key) && !(Array.isArray(found.ours[key]) && found.ours[key].length === count)), findings);
}

/** An adapter whose update is not scale · BA is refused for that, before its tensors are found to differ. */
export function checkAdapter({ checkpoint }: NamedCheckpoint, findings: Findings): void {
  try {
    readLoraAdapter(checkpoint);
  } catch (error) {
    if (!(error instanceof SoupError)) throw error;
    findings.of('adapters').problems.push(error.message);
  }
}

/** @param space in delta space ranks and alphas may differ */
export function checkAdapterConfigs(first: NamedCheckpoint, other: NamedCheckpoint, space: 'factor' | 'delta', findings: Findings): void {
  const found = differing(first, other, findings);
  if (!found) return;
  const { ours, theirs, keys } = found;
  if (space === 'factor') for (const key of adapterKeys.filter((known) => keys.includes(known))) findings.of('adapters').problems.push(`adapter_config.json ${key}: ${canonical(ours[key])} in ${first.name}, ${canonical(theirs[key])} in ${other.name} — their factors mean different updates; blend them with --space delta`);
  const [ourBase, theirBase] = [ours, theirs].map(({ base_model_name_or_path: base }) => (typeof base === 'string' ? base : null));
  if (ourBase && theirBase && modelName(ourBase) !== modelName(theirBase)) findings.of('adapters').problems.push(`adapter base: ${ourBase} in ${first.name}, ${theirBase} in ${other.name} — blend adapters of one base, or correct base_model_name_or_path`);
  note(first, other, keys.filter((key) => !adapterKeys.includes(key) && !(space === 'delta' && key === 'target_modules')), findings);
}

function note(first: NamedCheckpoint, other: NamedCheckpoint, keys: readonly string[], findings: Findings): void {
  const noteworthy = keys.filter((key) => !harmlessKeys.has(key));
  if (noteworthy.length > 0) findings.of('config').warnings.push(`the configs of ${first.name} and ${other.name} differ in ${noteworthy.join(', ')}; the soup gets ${first.name}'s`);
}

/** Two spellings of a base's path are one base when their last part is the same. */
function modelName(base: string): string {
  return (hubName(base) ?? base).replace(/[\\/]+$/, '').split(/[\\/]/).at(-1) ?? base;
}

/** JSON with sorted keys; undefined for a key that is missing. */
function canonical(value: unknown): string {
  return String(JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)));
  }));
}
