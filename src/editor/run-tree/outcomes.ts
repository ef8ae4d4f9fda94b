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
 * experiment that fails because of a run that was already reported is reported once.
 */
export class OutcomeWatch {
  private states = new Map<string, RunState>();
  /** experiments with a failure reported since they were last started */
  private readonly reported = new Set<string>();

  /** What has ended since the last call. */
  observe(experiments: readonly ExperimentNode[]): Outcome[] {
    const outcomes: Outcome[] = [];
    const states = new Map<string, RunState>();
    for (const experiment of experiments) {
      for (const run of experiment.runs) {
        states.set(run.directory, run.record.state);
        if (!this.hasJustEnded(run.directory, run.record.state) || !failures.includes(run.record.state)) continue;
        outcomes.push({ type: 'run-failed', experiment, run });
        this.reported.add(experiment.directory);
      }
      const state = experimentState(experiment);
      const key = `${experiment.directory}#experiment`;
      states.set(key, state);
      if (this.hasJustEnded(key, state)) {
        if (!failures.includes(state) || !this.reported.has(experiment.directory)) outcomes.push({ type: 'experiment-ended', experiment, state });
        this.reported.delete(experiment.directory);
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
