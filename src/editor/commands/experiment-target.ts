import path from 'node:path';
import { isExperimentFile } from '../experiment-language/experiment-file';
import { studyOfCell } from '../run-tree/run-model';
import type { LanguageWorker } from '../yaml-language/worker/work';

/** An experiment to start: its file, and the variant where it is not the file as it stands. */
export interface ExperimentTarget {
  readonly experimentFile: string;
  readonly variant: string | null;
}

/** Where the runs of a target go. Null while its file is wrong. */
export async function runsDirectoryOf(target: ExperimentTarget, linguist: LanguageWorker): Promise<string | null> {
  const experiment = await linguist.run({ kind: 'experiment' as const, target, isToStart: false }).catch(() => null);
  return experiment && path.join(path.dirname(target.experimentFile), 'runs', experiment.name);
}

/**
 * What the panel of a study is opened on, the same for all ways to it: the experiment file, or for a variant the
 * `runs/<name>` directory, which need not exist yet.
 * @param chosen a target, an experiment file, or the `runs/<name>` directory of a study or of one of its cells
 */
export async function studySource(chosen: string | ExperimentTarget, linguist: LanguageWorker): Promise<string> {
  if (typeof chosen !== 'string') return chosen.variant === null ? chosen.experimentFile : (await runsDirectoryOf(chosen, linguist)) ?? chosen.experimentFile;
  if (isExperimentFile(chosen)) return chosen;
  const directory = studyOfCell(chosen) ?? chosen;
  const target = await linguist.run({ kind: 'experiment-file' as const, directory });
  return target?.variant === null ? target.experimentFile : directory;
}
