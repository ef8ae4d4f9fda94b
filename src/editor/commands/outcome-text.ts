import { formatFraction } from '../run-tree/progress';
import type { Outcome } from '../run-tree/outcomes';

export type OutcomeAction = 'Resume' | 'Show Curves' | 'Show LMC Check' | 'Show Log';

/** A notification on something that has ended. */
export interface OutcomeText {
  readonly severity: 'info' | 'warning' | 'error';
  readonly message: string;
  readonly actions: readonly OutcomeAction[];
}

/** What a user is told when a run fails or an experiment ends, and what can be done next. */
export function outcomeText(outcome: Outcome): OutcomeText {
  const { experiment } = outcome;
  if (outcome.type === 'run-failed') {
    const { record } = outcome.run;
    const what = `${experiment.name}: ${record.name}`;
    const kept = record.kind === 'sweep' ? 'The points measured so far are kept' : 'Everything up to its last checkpoint is kept';
    const actions = ['Resume', 'Show Log'] as const;
    if (record.state === 'lost') return { severity: 'error', message: `${what} was killed, or its machine went down${reached(outcome)}. ${kept}; Resume goes on from there.`, actions };
    if (record.signal) return { severity: 'error', message: `${what} was ended by ${record.signal}${reached(outcome)}. ${kept}; Resume goes on from there.`, actions };
    return { severity: 'error', message: `${what} failed: ${record.error?.message ?? `exit code ${record.exitCode}`}`, actions };
  }
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

function reached({ run }: Extract<Outcome, { readonly type: 'run-failed' }>): string {
  return run.progress ? ` at ${formatFraction(run.progress.fraction)}` : '';
}
