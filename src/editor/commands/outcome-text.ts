import type { Outcome } from '../run-tree/outcomes';
import { formatFraction, isActive } from '../run-tree/progress';
import { experimentState } from '../run-tree/run-model';

export type OutcomeAction = 'Resume' | 'Show Curves' | 'Show LMC Check' | 'Show Log';

/** A notification on something that has ended. */
export interface OutcomeText {
  readonly severity: 'info' | 'error';
  readonly message: string;
  readonly actions: readonly OutcomeAction[];
}

/** What a user is told when a run fails or an experiment ends, and what can be done next. */
export function outcomeText(outcome: Outcome): OutcomeText {
  const { experiment } = outcome;
  if (outcome.type === 'run-failed') return failureText(outcome);
  const { name, record, runs } = experiment;
  const isSwept = runs.some((run) => run.record.kind === 'sweep' && run.record.state === 'succeeded');
  switch (outcome.state) {
    case 'succeeded':
      return { severity: 'info', message: isSwept ? `${name} is done: trained, swept and checked.` : `${name}: the training is done.`, actions: isSwept ? ['Show LMC Check', 'Show Curves'] : ['Show Curves'] };
    case 'stopped':
      return { severity: 'info', message: `${name} was stopped. Resume goes on from its last checkpoints.`, actions: ['Resume', 'Show Curves'] };
    case 'lost':
      return { severity: 'error', message: `${name} was killed, or its machine went down. What it had trained is kept; Resume goes on from there.`, actions: ['Resume', 'Show Log'] };
    default:
      return { severity: 'error', message: `${name} failed: ${record?.error?.message ?? 'see its log'}`, actions: ['Resume', 'Show Log'] };
  }
}

function failureText({ experiment, run: { record, progress } }: Extract<Outcome, { readonly type: 'run-failed' }>): OutcomeText {
  const isGoingOn = isActive(experimentState(experiment));
  const actions: readonly OutcomeAction[] = isGoingOn ? ['Show Log'] : ['Resume', 'Show Log'];
  const what = `${experiment.name}: ${record.name}`;
  const kept = record.kind === 'sweep' ? 'The points measured so far are kept' : 'Everything up to its last checkpoint is kept';
  const next = `${kept}; Resume goes on from there${isGoingOn ? ' once the other runs have ended' : ''}.`;
  const reached = progress ? ` at ${formatFraction(progress.fraction)}` : '';
  if (record.signal) return { severity: 'error', message: `${what} was ended by ${record.signal}${reached}. ${next}`, actions };
  if (record.state === 'lost') return { severity: 'error', message: `${what} was killed, or its machine went down${reached}. ${next}`, actions };
  return { severity: 'error', message: `${what} failed: ${record.error?.message ?? `exit code ${record.exitCode}`}`, actions };
}
