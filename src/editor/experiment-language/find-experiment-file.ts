import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { parseExperiment } from '../../experiment/parse';
import type { ExperimentTarget } from '../commands/experiment-target';
import { studyOfCell } from '../run-tree/run-model';
import { isExperimentFile } from './experiment-file';

/**
 * The experiment file, and its variant, whose runs go to a `runs/<name>` directory: the one beside `runs/` with that
 * name. A cell's is that of its study. Null where there is none (any more), or it cannot be read at the moment.
 */
export async function findExperimentFile(experimentDirectory: string): Promise<ExperimentTarget | null> {
  const study = studyOfCell(experimentDirectory);
  if (study !== null) return findExperimentFile(study);
  const name = path.basename(experimentDirectory);
  const folder = path.dirname(path.dirname(experimentDirectory));
  const files = (await readdir(folder).catch(() => [])).filter(isExperimentFile).sort();
  for (const file of files) {
    const experimentFile = path.join(folder, file);
    const experiment = parseExperiment(await readFile(experimentFile, 'utf8').catch(() => '')).experiment;
    if (experiment?.name === name) return { experimentFile, variant: null };
    const variant = Object.keys(experiment?.variants ?? {}).find((key) => `${experiment?.name}-${key}` === name);
    if (variant !== undefined) return { experimentFile, variant };
  }
  return null;
}
