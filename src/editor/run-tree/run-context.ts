import { contextKeys } from '../contributions';
import { isActive } from './progress';
import { experimentState, type ExperimentNode, type RunNode } from './run-model';

/** What of the runs the palette asks for: it offers no command that would find nothing. */
export function runContext(experiments: readonly ExperimentNode[]): Readonly<Record<string, boolean>> {
  return {
    [contextKeys.hasRuns]: experiments.length > 0,
    [contextKeys.hasStudies]: experiments.some(({ isStudy }) => isStudy),
    [contextKeys.isRunning]: stoppable(experiments).length > 0,
    [contextKeys.isResumable]: resumable(experiments).length > 0,
  };
}

/** Experiments at work, and the runs in them. */
export function stoppable(experiments: readonly ExperimentNode[]): readonly (ExperimentNode | RunNode)[] {
  return [
    ...experiments.filter((experiment) => isActive(experimentState(experiment))),
    ...experiments.flatMap(({ runs }) => runs.filter(({ record }) => isActive(record.state) && record.state !== 'queued')),
  ];
}

/** Experiments that came to an end before they were done. A cell goes on with its study. */
export function resumable(experiments: readonly ExperimentNode[]): readonly ExperimentNode[] {
  return experiments.filter((experiment) => experiment.study === null && !isActive(experimentState(experiment)) && experimentState(experiment) !== 'succeeded');
}
