import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { commands, type CommandId } from '../contributions';
import { OutcomeWatch, type Outcome } from '../run-tree/outcomes';
import type { RunIndex } from '../run-tree/run-index';
import type { StartedHere } from '../run-tree/started-here';
import { readSettings } from '../settings';
import { outcomeText, type OutcomeAction } from './outcome-text';

const buttons: Readonly<Record<OutcomeAction, { readonly title: string; readonly command: CommandId }>> = {
  Resume: { title: l10n.t('Resume'), command: commands.resumeRun },
  'Show Curves': { title: l10n.t('Show Curves'), command: commands.showRewardCurves },
  'Show LMC Check': { title: l10n.t('Show LMC Check'), command: commands.showLmcCheck },
  'Show Log': { title: l10n.t('Show Log'), command: commands.openRunLog },
};

/** Tells when something that was started from this window ends or fails, as far as the user wants to know. */
export class OutcomeNotifications implements vscode.Disposable {
  private readonly watch = new OutcomeWatch();
  private readonly toldAt = new Map<string, number>();
  private readonly subscription: vscode.Disposable;

  constructor(
    runs: RunIndex,
    started: StartedHere,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.subscription = runs.onDidChange((experiments) => {
      for (const outcome of this.watch.observe(experiments)) if (started.has(outcome.experiment, experiments)) void this.tell(outcome);
    });
  }

  /** Whether the end of an experiment, or of one of its runs, was told since a time in milliseconds. */
  hasToldSince(experimentDirectory: string, time: number): boolean {
    return (this.toldAt.get(experimentDirectory) ?? -Infinity) >= time;
  }

  /** Shows an outcome with what can be done next. */
  async tell(outcome: Outcome): Promise<void> {
    this.toldAt.set(outcome.experiment.directory, Date.now());
    const { severity, message, actions } = outcomeText(outcome);
    this.log[severity](message);
    const wanted = readSettings().notifications;
    if (wanted === 'none' || (wanted === 'errors' && severity === 'info')) return;
    const titles = actions.map((action) => buttons[action].title);
    const answer = await (severity === 'info' ? vscode.window.showInformationMessage(message, ...titles) : vscode.window.showErrorMessage(message, ...titles));
    const action = actions.find((candidate) => buttons[candidate].title === answer);
    // an experiment is resumed as a whole: its other runs may wait for the one that failed
    const node = outcome.type === 'run-failed' && action === 'Show Log' ? outcome.run : outcome.experiment;
    if (action) await vscode.commands.executeCommand(buttons[action].command, node);
  }

  dispose(): void {
    this.subscription.dispose();
  }
}
