import { loadExperiment } from '../../../experiment/parse';
import { refuseUnusableFiles } from '../../../runs/file-problems';
import type { ExperimentTarget } from '../../commands/experiment-target';
import type { ExperimentSettings } from './work';

/** @throws SoupError when the experiment file is wrong, or, where it is to be started, what it names */
export async function experimentSettings({ experimentFile, variant }: ExperimentTarget, isToStart: boolean): Promise<ExperimentSettings> {
  const experiment = await loadExperiment(experimentFile, { variant: variant ?? undefined });
  if (isToStart) await refuseUnusableFiles(experiment, experimentFile, variant ?? undefined);
  const { name, rewards, seed, check, front } = experiment;
  return { name, rewards, seed, check, front };
}
