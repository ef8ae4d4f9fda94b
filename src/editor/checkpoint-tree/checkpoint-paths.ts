import path from 'node:path';
import { usualNames } from '../../checkpoint/checkpoint';

/** Files that make a directory a checkpoint, an adapter or a run's output, rather than a folder that happens to hold weights. */
export const companions = ['config.json', 'adapter_config.json', 'run.json', 'soup.json', 'model.safetensors.index.json', 'pytorch_model.bin.index.json'] as const;
const weightsOfADirectory = /^((model|adapter_model)(-\d{5}-of-\d{5})?\.safetensors|(pytorch_model|adapter_model)(-\d{5}-of-\d{5})?\.bin)$/;
/** What trainers leave beside the weights in PyTorch's format. */
const notWeights = /^(optimizer|scheduler|scaler|rng_state|training_args|trainer_state)/;

/** Glob of the files that may hold weights; `.bin` only by the names that Hugging Face gives. */
export const weightFiles = '**/{*.safetensors,*.pt,*.pth,*.ckpt,pytorch_model*.bin,adapter_model.bin}';

/** Names that the glob matches. */
const weightName = /\.(safetensors|pt|pth|ckpt)$|^pytorch_model.*\.bin$|^adapter_model\.bin$/;

/** Whether a file is weights by its name. */
export function isWeightFile(fileName: string): boolean {
  return weightName.test(fileName) && !notWeights.test(fileName);
}

/** Directories that hold no checkpoints of their own: a run's intermediate ones would crowd out what it came to. */
export const excludedDirectories: readonly string[] = ['node_modules', '.git', 'checkpoints'];

/** Whether a directory with this file in it may be one checkpoint. */
export function isCompanion(fileName: string): boolean {
  return (companions as readonly string[]).includes(fileName);
}

/**
 * What the tree shows of the workspace's weight files: those with the names that Hugging Face gives stand for their
 * directory where a config, an index or a run record lies beside them; every other file stands for itself.
 * @param files absolute paths of weight files
 * @param isCheckpointDirectory whether the directory holds such a companion
 * @returns absolute paths of files and directories, each once
 */
export function checkpointPaths(files: readonly string[], isCheckpointDirectory: (directory: string) => boolean): string[] {
  const paths = new Set<string>();
  for (const file of files) {
    const directory = path.dirname(file);
    paths.add(weightsOfADirectory.test(path.basename(file)) && isCheckpointDirectory(directory) ? directory : file);
  }
  return [...paths];
}

/**
 * The checkpoint that a file is the weights of, or a shard of: its directory where it has one of the usual names.
 * @param namesIn lists a directory
 */
export async function checkpointOfFile(file: string, namesIn: (directory: string) => Promise<readonly string[]>): Promise<string> {
  const [at] = checkpointPaths([file], () => true);
  return at !== file && mainFile(await namesIn(at!)) !== null ? at! : file;
}

/** The file by which a directory with these names is opened; null where it is no checkpoint. */
export function mainFile(names: readonly string[]): string | null {
  return usualNames.find(({ name }) => names.includes(name))?.name ?? null;
}

/**
 * Names of the files that opening a checkpoint and saying where it comes from read, weights first.
 * @param names in its directory
 * @param file its only weight file; null where it is the directory
 */
export function filesOfCheckpoint(names: readonly string[], file: string | null): string[] {
  const main = file ?? mainFile(names);
  const shard = /^(model|pytorch_model)(?=\.(safetensors|bin)\.index\.json$)/.exec(main ?? '')?.[0];
  const shards = shard === undefined ? [] : names.filter((name) => weightsOfADirectory.test(name) && name.startsWith(`${shard}-`) && main!.includes(path.extname(name)));
  return [...new Set([...(main === null ? [] : [main]), ...shards, ...names.filter(isCompanion)])];
}
