import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { isExperimentFile } from '../experiment-language/experiment-file';
import { studyOfCell } from '../run-tree/run-model';

/** An experiment to start: its file, and the variant where it is not the file as it stands. */
export interface ExperimentTarget {
  readonly experimentFile: string;
  readonly variant: string | null;
}

/**
 * The experiment file, and its variant, whose runs go to a `runs/<name>` directory: the one beside `runs/` with that
 * name. A cell's is that of its study. Null where there is none (any more), or it cannot be read at the moment.
 */
export async function findExperimentFile(experimentDirectory: string): Promise<ExperimentTarget | null> {
  const study = studyOfCell(experimentDirectory);
  if (study !== null) return findExperimentFile(study);
  const { parseExperiment } = await import('../../experiment/parse');
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

/** Where the runs of a target go. Null while its file is wrong. */
export async function runsDirectoryOf({ experimentFile, variant }: ExperimentTarget): Promise<string | null> {
  const { parseExperiment } = await import('../../experiment/parse');
  const text = await readFile(experimentFile, 'utf8').catch(() => '');
  const name = parseExperiment(text, variant === null ? {} : { variant }).experiment?.name;
  return name === undefined ? null : path.join(path.dirname(experimentFile), 'runs', name);
}

/**
 * What the panel of a study is opened on, the same for all ways to it: the experiment file, or for a variant the
 * `runs/<name>` directory, which need not exist yet.
 * @param chosen a target, an experiment file, or the `runs/<name>` directory of a study or of one of its cells
 */
export async function studySource(chosen: string | ExperimentTarget): Promise<string> {
  if (typeof chosen !== 'string') return chosen.variant === null ? chosen.experimentFile : (await runsDirectoryOf(chosen)) ?? chosen.experimentFile;
  if (isExperimentFile(chosen)) return chosen;
  const directory = studyOfCell(chosen) ?? chosen;
  const target = await findExperimentFile(directory);
  return target?.variant === null ? target.experimentFile : directory;
}
