import * as l10n from '@vscode/l10n';
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
      return { severity: 'info', message: isSwept ? l10n.t('{0} is done: trained, swept and checked.', name) : l10n.t('{0}: the training is done.', name), actions: isSwept ? ['Show LMC Check', 'Show Curves'] : ['Show Curves'] };
    case 'stopped':
      return { severity: 'info', message: l10n.t('{0} was stopped. Resume goes on from its last checkpoints.', name), actions: ['Resume', 'Show Curves'] };
    case 'lost':
      return { severity: 'error', message: l10n.t('{0} was killed, or its machine went down. What it had trained is kept; Resume goes on from there.', name), actions: ['Resume', 'Show Log'] };
    default:
      return { severity: 'error', message: l10n.t('{0} failed: {1}', name, record?.error?.message ?? l10n.t('see its log')), actions: ['Resume', 'Show Log'] };
  }
}

function failureText({ experiment, run: { record, progress } }: Extract<Outcome, { readonly type: 'run-failed' }>): OutcomeText {
  const isGoingOn = isActive(experimentState(experiment));
  const actions: readonly OutcomeAction[] = isGoingOn ? ['Show Log'] : ['Resume', 'Show Log'];
  const what = `${experiment.name}: ${record.name}`;
  const kept = record.kind === 'sweep' ? l10n.t('The points measured so far are kept') : l10n.t('Everything up to its last checkpoint is kept');
  const next = isGoingOn ? l10n.t('{0}; Resume goes on from there once the other runs have ended.', kept) : l10n.t('{0}; Resume goes on from there.', kept);
  const reached = progress ? l10n.t(' at {0}', formatFraction(progress.fraction)) : '';
  if (record.signal) return { severity: 'error', message: l10n.t('{0} was ended by {1}{2}. {3}', what, record.signal, reached, next), actions };
  if (record.state === 'lost') return { severity: 'error', message: l10n.t('{0} was killed, or its machine went down{1}. {2}', what, reached, next), actions };
  return { severity: 'error', message: l10n.t('{0} failed: {1}', what, record.error?.message ?? l10n.t('exit code {0}', String(record.exitCode))), actions };
}
