import path from 'node:path';

/** Files that make a directory a checkpoint, an adapter or a run's output, rather than a folder that happens to hold weights. */
const companions = new Set(['config.json', 'adapter_config.json', 'run.json', 'soup.json', 'model.safetensors.index.json']);
const weightsOfADirectory = /^(model|adapter_model)(-\d{5}-of-\d{5})?\.safetensors$/;

/** Whether a directory with this file in it may be one checkpoint. */
export function isCompanion(fileName: string): boolean {
  return companions.has(fileName);
}

/**
 * What the tree shows of the workspace's safetensors files: `model*.safetensors` and `adapter_model.safetensors` stand
 * for their directory where a config, an index or a run record lies beside them; every other file stands for itself.
 * @param files absolute paths of safetensors files
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
