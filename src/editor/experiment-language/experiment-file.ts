import path from 'node:path';

/** Whether a file is an experiment by its name: `soup.yaml`, `anything.soup.yaml`, also with the ending `.yml`. */
export function isExperimentFile(file: string): boolean {
  return /^(.+\.)?soup\.ya?ml$/.test(path.basename(file));
}

/** The same as globs for VS Code. */
export const experimentFilePatterns: readonly string[] = ['**/soup.yaml', '**/soup.yml', '**/*.soup.yaml', '**/*.soup.yml'];
