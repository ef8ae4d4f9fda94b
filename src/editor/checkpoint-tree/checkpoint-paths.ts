import path from 'node:path';
import { holdsWeights } from '../../checkpoint/checkpoint';

/** Files that make a directory a checkpoint, an adapter or a run's output, rather than a folder that happens to hold weights. */
export const companions = ['config.json', 'adapter_config.json', 'run.json', 'soup.json', 'model.safetensors.index.json', 'pytorch_model.bin.index.json'] as const;
const weightsOfADirectory = /^((model|adapter_model)(-\d{5}-of-\d{5})?\.safetensors|(pytorch_model|adapter_model)(-\d{5}-of-\d{5})?\.bin)$/;
/** What trainers leave beside the weights in PyTorch's format. */
const notWeights = /^(optimizer|scheduler|scaler|rng_state|training_args|trainer_state)/;

/** Glob of the files that may hold weights; `.bin` only by the names that Hugging Face gives. */
export const weightFiles = '**/{*.safetensors,*.pt,*.pth,*.ckpt,pytorch_model*.bin,adapter_model.bin}';

/** Whether a file of the glob is weights by its name. */
export function isWeightFile(fileName: string): boolean {
  return !notWeights.test(fileName);
}

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

/** The checkpoint that a file is the weights of, or a shard of: its directory where it has one of the usual names. */
export async function checkpointOfFile(file: string): Promise<string> {
  const [at] = checkpointPaths([file], () => true);
  return at !== file && (await holdsWeights(at!)) ? at! : file;
}
