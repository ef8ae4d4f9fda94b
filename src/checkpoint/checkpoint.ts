import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { adaptCheckpoint, withoutTiedCopy } from './adapted';
import * as errors from './errors';
import type { LowRankUpdate } from './low-rank';
import { readPytorchFile } from './pytorch/pytorch-file';
import { readHeader, type TensorInfo } from './safetensors';

/** A tensor and the file that holds it; `position` is the byte of that file at which its data starts. */
export interface CheckpointTensor extends TensorInfo {
  readonly file: string;
  readonly position: number;
  /** what adapters add to the stored values when they are read; absent in most */
  readonly updates?: readonly LowRankUpdate[];
}

export type CheckpointKind = 'file' | 'directory' | 'sharded' | 'adapter';

export interface Checkpoint {
  /** the path as it was given */
  readonly path: string;
  readonly kind: CheckpointKind;
  /** by name, in file order (shards in the order of their names) */
  readonly tensors: ReadonlyMap<string, CheckpointTensor>;
  /** `__metadata__` of the file, or of the first shard */
  readonly metadata: Readonly<Record<string, string>>;
  /** config.json, or adapter_config.json of an adapter; null where there is none */
  readonly config: Readonly<Record<string, unknown>> | null;
  /** every weight file, absolute; more than one where sharded */
  readonly files: readonly string[];
  /** where config and tokenizer lie beside the weights; null for a lone file of any other name than the usual ones */
  readonly directory: string | null;
  /** what `base+adapter` was made of */
  readonly adapted?: { readonly base: Checkpoint; readonly adapter: Checkpoint };
}

/** What a checkpoint's directory has, in the order of preference. */
export const usualNames: readonly { readonly name: string; readonly kind: Exclude<CheckpointKind, 'file'> }[] = [
  { name: 'model.safetensors', kind: 'directory' },
  { name: 'model.safetensors.index.json', kind: 'sharded' },
  { name: 'adapter_model.safetensors', kind: 'adapter' },
  { name: 'pytorch_model.bin', kind: 'directory' },
  { name: 'pytorch_model.bin.index.json', kind: 'sharded' },
  { name: 'adapter_model.bin', kind: 'adapter' },
];
const pytorchName = /\.(bin|pt|pth|ckpt)$/i;

/**
 * Opens a checkpoint by its headers alone: a safetensors or PyTorch file, a directory in the Hugging Face layout (one
 * file, shards with an index, or a PEFT adapter), an index file, or `base+adapter` for a base with an adapter applied.
 * @throws CheckpointNotFoundError, MissingShardError, MalformedIndexError, MalformedConfigError and what `readHeader` and
 *   `readPytorchFile` throw
 */
export async function openCheckpoint(fileOrDirectory: string): Promise<Checkpoint> {
  const target = path.resolve(fileOrDirectory);
  const stats = await stat(target).catch(async (error: unknown) => {
    const parts = await adapterReference(fileOrDirectory);
    if (parts) return parts;
    throw errors.fileSystemError(fileOrDirectory, error);
  });
  if (Array.isArray(stats)) {
    const [base, adapter] = [await openCheckpoint(stats[0]), await openCheckpoint(stats[1])];
    if (adapter.kind !== 'adapter') throw errors.adapterMismatch(stats[1], 'stands after + and is no adapter — write base+adapter');
    return adaptCheckpoint(fileOrDirectory, base, await withoutTiedCopy(base, adapter));
  }
  if (!stats.isDirectory()) {
    if (target.endsWith('.index.json')) return openSharded(fileOrDirectory, target);
    const usual = usualNames.find(({ name }) => name === path.basename(target));
    return openFile(fileOrDirectory, target, usual?.kind === 'adapter' ? 'adapter' : 'file');
  }
  for (const { name, kind } of usualNames) {
    const file = path.join(target, name);
    if (await exists(file)) return kind === 'sharded' ? openSharded(fileOrDirectory, file) : openFile(fileOrDirectory, file, kind);
  }
  throw errors.checkpointNotFound(fileOrDirectory, `expected ${usualNames.map(({ name }) => name).join(', ').replace(/, ([^,]*)$/, ' or $1')} in it`);
}

/** `base+adapter`, taken apart at the last plus with something on either side: paths may have one of their own. */
async function adapterReference(given: string): Promise<[base: string, adapter: string] | null> {
  const isThere = (file: string) => stat(file).then(() => true, () => false);
  for (let at = given.lastIndexOf('+'); at > 0; at = given.lastIndexOf('+', at - 1)) {
    const [base, adapter] = [given.slice(0, at), given.slice(at + 1)];
    if (await isThere(adapter) && (await isThere(base) || await adapterReference(base))) return [base, adapter];
  }
  // a base that is there, with an adapter that is not: opening it says which
  const at = given.lastIndexOf('+');
  return at > 0 && at < given.length - 1 && (await isThere(given.slice(0, at))) ? [given.slice(0, at), given.slice(at + 1)] : null;
}

/** Whether `openCheckpoint` finds weights in a directory, by the names of its files alone. */
export async function holdsWeights(directory: string): Promise<boolean> {
  const found = await Promise.all(usualNames.map(({ name }) => exists(path.join(directory, name))));
  return found.includes(true);
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then((stats) => stats.isFile(), () => false);
}

/** The tensors of one file, in the order of its data. */
interface WeightFile {
  readonly file: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: readonly CheckpointTensor[];
}

async function readWeights(file: string): Promise<WeightFile> {
  if (pytorchName.test(file)) return { file, metadata: {}, tensors: await readPytorchFile(file) };
  const { metadata, tensors, dataOffset } = await readHeader(file);
  const placed: CheckpointTensor[] = [];
  for (const { name, dtype, shape, begin, end } of tensors.values()) placed.push({ name, dtype, shape, begin, end, file, position: dataOffset + begin });
  return { file, metadata, tensors: placed };
}

async function openFile(given: string, file: string, kind: CheckpointKind): Promise<Checkpoint> {
  const weights = await readWeights(file);
  const isUsualName = usualNames.some(({ name }) => name === path.basename(file));
  const directory = isUsualName ? path.dirname(file) : null;
  const config = directory === null ? null : await readConfig(path.join(directory, kind === 'adapter' ? 'adapter_config.json' : 'config.json'));
  return { path: given, kind, tensors: byName([weights]), metadata: weights.metadata, config, files: [file], directory };
}

function byName(files: readonly WeightFile[]): Map<string, CheckpointTensor> {
  const all = new Map<string, CheckpointTensor>();
  for (const { tensors } of files) {
    for (const tensor of tensors) {
      const other = all.get(tensor.name);
      if (other) throw errors.duplicateTensor(`${other.file} and ${tensor.file}`, tensor.name);
      all.set(tensor.name, tensor);
    }
  }
  return all;
}

const shardsAtOnce = 32;

/** Plain loops instead of lists of entries: there may be 100,000 tensors. */
async function openSharded(given: string, index: string): Promise<Checkpoint> {
  const directory = path.dirname(index);
  const weightMap = (await readJson(index))?.weight_map;
  if (!isRecord(weightMap)) throw errors.malformedIndex(index, 'it has no weight_map');
  const names = Object.keys(weightMap);
  const listed = new Map<string, number>();
  for (const name of names) {
    const shard = weightMap[name];
    const count = listed.get(shard as string);
    listed.set(count === undefined ? shardName(index, name, shard) : (shard as string), (count ?? 0) + 1);
  }
  const shards = [...listed.keys()].sort();
  if (shards.length === 0) throw errors.malformedIndex(index, 'its weight_map is empty');
  const fileOf = new Map(shards.map((shard) => [shard, path.join(directory, shard)]));
  const open = (shard: string): Promise<WeightFile> => readWeights(fileOf.get(shard)!).catch((error: unknown) => {
    throw (error as Error).name === 'CheckpointNotFoundError' ? errors.missingShard(index, shard, listed.get(shard)!) : error;
  });
  const files: WeightFile[] = [];
  // side by side, because most of the time is waiting; few enough to stay below any limit of open files
  for (let first = 0; first < shards.length; first += shardsAtOnce) files.push(...(await Promise.all(shards.slice(first, first + shardsAtOnce).map(open))));
  const tensors = byName(files);
  for (const name of names) if (tensors.get(name)?.file !== fileOf.get(weightMap[name] as string)) throw errors.malformedIndex(index, `tensor ${name} is not in ${String(weightMap[name])}`);
  if (names.length < tensors.size) for (const { name, file } of tensors.values()) if (!Object.hasOwn(weightMap, name)) throw errors.malformedIndex(index, `tensor ${name} of ${path.basename(file)} is not listed`);
  const config = await readConfig(path.join(directory, 'config.json'));
  return { path: given, kind: 'sharded', tensors, metadata: files[0].metadata, config, files: files.map(({ file }) => file), directory };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A shard lies beside its index: a name that leaves the directory is refused. */
function shardName(index: string, tensor: string, shard: unknown): string {
  if (typeof shard !== 'string' || !/^[^/\\]+\.(safetensors|bin)$/.test(shard)) throw errors.malformedIndex(index, `tensor ${tensor} names no shard file beside it`);
  return shard;
}

async function readConfig(file: string): Promise<Readonly<Record<string, unknown>> | null> {
  return (await exists(file)) ? readJson(file) : null;
}

async function readJson(file: string): Promise<Record<string, unknown>> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw errors.fileSystemError(file, error);
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw errors.malformedConfig(file, error);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw errors.malformedConfig(file, null);
  return value as Record<string, unknown>;
}
