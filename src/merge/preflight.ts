import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isFloatDtype, isUnblendableDtype, type FloatDtype } from '../checkpoint/dtype';
import { baseHashOf } from '../checkpoint/lineage';
import type { NamedCheckpoint } from '../checkpoint/names';
import { PreflightError } from './errors';
import { readTokenizer } from './tokenizer/tokenizer-file';

interface Findings {
  readonly problems: string[];
  readonly warnings: string[];
}

/**
 * Checks from headers and configs alone that checkpoints can be blended: names, shapes, types, vocabularies, adapter
 * rank and alpha, shared base. Every problem names the tensor, both sides and the fix.
 * @param space of a blend of adapters: in delta space ranks and alphas may differ
 * @returns warnings, one sentence each
 * @throws PreflightError with all the problems
 */
export async function preflight(inputs: readonly NamedCheckpoint[], dtype: FloatDtype | null, space: 'factor' | 'delta' = 'factor'): Promise<string[]> {
  const findings: Findings = { problems: [], warnings: [] };
  const [first, ...others] = inputs;
  for (const { name, checkpoint } of inputs) checkTypes(name, checkpoint.tensors, findings);
  for (const other of others) {
    checkKinds(first, other, findings);
    // updates are compared module by module where they are blended as such
    if (space === 'factor') checkTensors(first, other, dtype, findings);
    checkConfigs(first, other, space, findings);
    await checkTokenizers(first, other, findings);
  }
  checkBases(inputs, findings);
  if (findings.problems.length > 0) throw new PreflightError(findings.problems);
  return findings.warnings;
}

function checkKinds(first: NamedCheckpoint, other: NamedCheckpoint, { problems }: Findings): void {
  const isAdapter = (input: NamedCheckpoint) => input.checkpoint.kind === 'adapter';
  if (isAdapter(first) !== isAdapter(other)) {
    const [adapter, model] = isAdapter(first) ? [first, other] : [other, first];
    problems.push(`${adapter.name} is an adapter and ${model.name} is a whole model — merge the adapter into its base first`);
  }
}

function checkTypes(name: string, tensors: NamedCheckpoint['checkpoint']['tensors'], { problems }: Findings): void {
  for (const tensor of tensors.values()) if (isUnblendableDtype(tensor.dtype)) problems.push(`${tensor.name}: ${tensor.dtype} in ${name}, which is not blended — convert the checkpoint to bf16, f16 or f32 first`);
}

function checkTensors(first: NamedCheckpoint, other: NamedCheckpoint, dtype: FloatDtype | null, { problems }: Findings): void {
  const ours = first.checkpoint.tensors;
  const theirs = other.checkpoint.tensors;
  for (const [name, tensor] of ours) {
    const match = theirs.get(name);
    if (!match) problems.push(missing(name, first.name, other.name));
    else if (!isSameShape(tensor.shape, match.shape)) problems.push(`${name}: expected [${tensor.shape.join(', ')}] as in ${first.name}, got [${match.shape.join(', ')}] in ${other.name} — ${shapeFix(tensor.shape, match.shape, name)}`);
    else if (tensor.dtype !== match.dtype) {
      const areFloats = isFloatDtype(tensor.dtype) && isFloatDtype(match.dtype);
      if (!areFloats || dtype === null) problems.push(`${name}: expected ${tensor.dtype} as in ${first.name}, got ${match.dtype} in ${other.name} — ${areFloats ? 'pass --dtype to say what the soup shall have' : 'convert one of them'}`);
    }
  }
  for (const name of theirs.keys()) if (!ours.has(name)) problems.push(missing(name, other.name, first.name));
}

function isSameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

function missing(tensor: string, has: string, lacks: string): string {
  const isHead = /(^|\.)(lm_head|embed_out)\.weight$/.test(tensor);
  return `${tensor}: in ${has}, but not in ${lacks} — ${isHead ? 'one has its head tied to the embeddings; save both the same way' : 'blend fine-tunings of one architecture'}`;
}

const isVocabulary = /(embed_tokens|word_embeddings|wte|embed_in|embed_out|lm_head|shared)\.(weight|bias)$/;

function shapeFix(ours: readonly number[], theirs: readonly number[], name: string): string {
  const sameRest = ours.length === theirs.length && ours.slice(1).join() === theirs.slice(1).join();
  if (isVocabulary.test(name) && sameRest) return `their vocabularies have ${ours[0]} and ${theirs[0]} entries; resize one (resize_token_embeddings)`;
  if (/\.lora_[AB]\./.test(name)) return 'their LoRA ranks differ; blend them with --space delta';
  return 'blend fine-tunings of one architecture';
}

/** Values that say where a file came from, and change nothing in how it runs. */
const harmlessKeys = new Set(['tie_word_embeddings', '_name_or_path', 'name_or_path', 'transformers_version', 'torch_dtype', 'dtype', 'base_model_name_or_path', 'revision', 'inference_mode', 'vocab_size']);
const adapterKeys = ['peft_type', 'r', 'lora_alpha', 'rank_pattern', 'alpha_pattern', 'use_rslora', 'use_dora', 'fan_in_fan_out'];

function checkConfigs(first: NamedCheckpoint, other: NamedCheckpoint, space: 'factor' | 'delta', { problems, warnings }: Findings): void {
  const ours = first.checkpoint.config;
  const theirs = other.checkpoint.config;
  if (!ours || !theirs) {
    if (ours !== theirs && first.checkpoint.directory && other.checkpoint.directory) warnings.push(`${(ours ? other : first).name} has no config, so it could not be compared with ${(ours ? first : other).name}'s`);
    return;
  }
  const isAdapter = first.checkpoint.kind === 'adapter' && other.checkpoint.kind === 'adapter';
  const differing = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].filter((key) => canonical(ours[key]) !== canonical(theirs[key]));
  if (isAdapter) {
    if (space === 'factor') for (const key of adapterKeys.filter((known) => differing.includes(known))) problems.push(`adapter_config.json ${key}: ${canonical(ours[key])} in ${first.name}, ${canonical(theirs[key])} in ${other.name} — their factors mean different updates; blend them with --space delta`);
    const [ourBase, theirBase] = [ours, theirs].map(({ base_model_name_or_path: base }) => (typeof base === 'string' ? base : null));
    if (ourBase && theirBase && modelName(ourBase) !== modelName(theirBase)) problems.push(`adapter base: ${ourBase} in ${first.name}, ${theirBase} in ${other.name} — blend adapters of one base, or correct base_model_name_or_path`);
  }
  if (differing.includes('tie_word_embeddings')) problems.push(`config.json tie_word_embeddings: ${canonical(ours.tie_word_embeddings)} in ${first.name}, ${canonical(theirs.tie_word_embeddings)} in ${other.name} — save both with the head tied to the embeddings, or both without`);
  if (differing.includes('vocab_size')) problems.push(`config.json vocab_size: ${canonical(ours.vocab_size)} in ${first.name}, ${canonical(theirs.vocab_size)} in ${other.name} — resize one (resize_token_embeddings)`);
  const own = space === 'delta' ? [...adapterKeys, 'target_modules'] : adapterKeys;
  const noteworthy = differing.filter((key) => !harmlessKeys.has(key) && !(isAdapter && own.includes(key)));
  if (noteworthy.length > 0) warnings.push(`the configs of ${first.name} and ${other.name} differ in ${noteworthy.join(', ')}; the soup gets ${first.name}'s`);
}

/** Two spellings of a base's path are one base when their last part is the same. */
function modelName(base: string): string {
  return base.replace(/[\\/]+$/, '').split(/[\\/]/).at(-1) ?? base;
}

/** JSON with sorted keys; undefined for a key that is missing. */
function canonical(value: unknown): string {
  return String(JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)));
  }));
}

const tokenizerFiles = ['tokenizer.json', 'tokenizer.model', 'vocab.json', 'vocab.txt', 'merges.txt', 'added_tokens.json'];

async function checkTokenizers(first: NamedCheckpoint, other: NamedCheckpoint, findings: Findings): Promise<void> {
  const [ours, theirs] = [first.checkpoint.directory, other.checkpoint.directory];
  if (!ours || !theirs || ours === theirs) return;
  for (const file of tokenizerFiles) {
    const [a, b] = await Promise.all([ours, theirs].map((directory) => readFile(path.join(directory, file)).catch(() => null)));
    if (!a || !b || a.equals(b)) continue;
    if (file === 'tokenizer.json') await compareVocabularies(first, other, findings);
    else findings.warnings.push(`${file} of ${first.name} and ${other.name} differ: one token may mean two things, and the soup gets ${first.name}'s`);
  }
}

const shown = 3;

/** A row of the embeddings that stands for two tokens is a mistake; tokens that only one has may be unused rows. */
async function compareVocabularies(first: NamedCheckpoint, other: NamedCheckpoint, { problems, warnings }: Findings): Promise<void> {
  const [a, b] = [await readTokenizer(first), await readTokenizer(other)];
  if (!a || !b) return;
  const moved = [...a.vocabulary].filter(([token, id]) => b.vocabulary.has(token) && b.vocabulary.get(token) !== id);
  const single = [...[...a.vocabulary.keys()].filter((token) => !b.vocabulary.has(token)), ...[...b.vocabulary.keys()].filter((token) => !a.vocabulary.has(token))];
  const some = (tokens: readonly string[]) => `${tokens.slice(0, shown).join(', ')}${tokens.length > shown ? ', …' : ''}`;
  if (moved.length > 0) problems.push(`tokenizer.json: ${moved.length} tokens have one id in ${first.name} and another in ${other.name} (${some(moved.map(([token, id]) => `${JSON.stringify(token)}: ${id} and ${String(b.vocabulary.get(token))}`))}) — merge them with tokenizer_source (soup merge), which puts the rows in one order`);
  if (single.length > 0) warnings.push(`tokenizer.json: ${single.length} tokens are only in one of ${first.name} and ${other.name} (${some(single.map((token) => JSON.stringify(token)))}); the soup gets ${first.name}'s. To keep all of them, merge with tokenizer_source: union (soup merge)`);
  if (moved.length === 0 && single.length === 0) warnings.push(`tokenizer.json of ${first.name} and ${other.name} have the same tokens and other settings; the soup gets ${first.name}'s`);
}

function checkBases(inputs: readonly NamedCheckpoint[], { warnings }: Findings): void {
  const known = inputs.map(({ name, checkpoint }) => ({ name, hash: baseHashOf(checkpoint) })).filter(({ hash }) => hash !== null);
  const stranger = known.find(({ hash }) => hash !== known[0].hash);
  if (stranger) warnings.push(`${known[0].name} and ${stranger.name} were trained from different bases (${known[0].hash?.slice(0, 12)} and ${stranger.hash?.slice(0, 12)}): their average is unlikely to work`);
}
