import type { RunState } from '../../runs/run-record';
import { isActive } from './progress';
import { experimentState, type ExperimentNode, type RunNode } from './run-model';

/** Something that a user wants to be told: a single run failed, or an experiment came to its end. */
export type Outcome =
  | { readonly type: 'run-failed'; readonly experiment: ExperimentNode; readonly run: RunNode }
  | { readonly type: 'experiment-ended'; readonly experiment: ExperimentNode; readonly state: RunState };

const failures: readonly RunState[] = ['failed', 'lost'];

/**
 * Notices what ends between two looks at the runs. Runs that had ended before the first look are no news, and an
 * experiment that fails together with one of its runs, or right after it, is told through that run.
 */
export class OutcomeWatch {
  private states = new Map<string, RunState>();

  /** What has ended since the last call. */
  observe(experiments: readonly ExperimentNode[]): Outcome[] {
    const outcomes: Outcome[] = [];
    const states = new Map<string, RunState>();
    for (const experiment of experiments) {
      const failed = experiment.runs.filter(({ directory, record }) => failures.includes(record.state) && this.hasJustEnded(directory, record.state));
      const state = experimentState(experiment);
      // when nothing else is at work the experiment ends in a moment, and the failure is told with what can be done then
      const isEnding = isActive(state) && !experiment.runs.some(({ record }) => isActive(record.state));
      if (!isEnding) outcomes.push(...failed.map((run): Outcome => ({ type: 'run-failed', experiment, run })));
      const isTold = failed.length > 0 && failures.includes(state);
      // the end of a study is told once, not cell by cell
      if (experiment.study === null && this.hasJustEnded(keyOf(experiment), state) && !isTold) outcomes.push({ type: 'experiment-ended', experiment, state });
      states.set(keyOf(experiment), state);
      for (const run of experiment.runs) {
        const isHeldBack = isEnding && failed.includes(run);
        states.set(run.directory, isHeldBack ? this.states.get(run.directory)! : run.record.state);
      }
    }
    this.states = states;
    return outcomes;
  }

  private hasJustEnded(key: string, state: RunState): boolean {
    const before = this.states.get(key);
    return before !== undefined && isActive(before) && !isActive(state);
  }
}

/** An experiment and a run that stands alone may share a directory. */
const keyOf = ({ directory }: ExperimentNode): string => `experiment ${directory}`;
