import { existsSync } from 'node:fs';
import path from 'node:path';
import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { logPath } from '../../runs/run-directory';
import { stopRun } from '../../runs/stop';
import { experimentDescription, runDescription } from '../run-tree/appearance';
import { isActive } from '../run-tree/progress';
import { resumable, stoppable } from '../run-tree/run-context';
import type { RunIndex } from '../run-tree/run-index';
import type { ExperimentNode, RunNode } from '../run-tree/run-model';
import type { LanguageWorker } from '../yaml-language/worker/work';
import { chooseExperiment, experimentDirectoryOfNode, nodeOf } from './choose-experiment';
import { runsDirectoryOf } from './experiment-target';
import { verbOf, type Verb } from './launch-arguments';
import type { Launcher } from './run-experiment';

const started: Readonly<Record<Verb, string>> = { run: l10n.t('the whole experiment has started'), train: l10n.t('the training has started'), sweep: l10n.t('the sweep has started') };

/** for so long the status bar says that something has started; then it says how far it is */
const startedMs = 5000;

/** Start, stop, resume, log and report of experiments. */
export class RunCommands {
  constructor(
    private readonly launcher: Launcher,
    private readonly runs: RunIndex,
    private readonly linguist: LanguageWorker,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  /** Starts a verb on the experiment that the argument means. */
  async start(verb: Verb, argument: unknown): Promise<void> {
    const target = await chooseExperiment(argument, this.linguist);
    if (!target) return;
    const directory = await this.launcher.start(verb, target);
    vscode.window.setStatusBarMessage(`$(beaker) ${path.basename(directory)}: ${started[verb]}`, startedMs);
  }

  /** Stops a run, or an experiment with all that it has started; from the palette, the one that is picked. */
  async stop(argument: unknown): Promise<void> {
    const node = nodeOf(argument) ?? (await this.pick(l10n.t('Stop'), stoppable, l10n.t('Nothing is running.')));
    if (!node) return;
    const directories = node.type === 'run' || node.record ? [node.directory] : node.runs.filter(({ record }) => isActive(record.state)).map(({ directory }) => directory);
    await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: l10n.t('Stopping {0}', path.basename(node.directory)) }, () => Promise.all(directories.map((directory) => stopRun(directory))));
    await this.runs.refresh();
  }

  /** Goes on with what has not ended well: a single training or sweep, or what the experiment was started for. */
  async resume(argument: unknown): Promise<void> {
    const node = nodeOf(argument) ?? (await this.pick(l10n.t('Resume'), resumable, l10n.t('There is nothing to resume: every experiment is running or done.')));
    const target = node && (await chooseExperiment(node, this.linguist));
    if (!target) return;
    const isTraining = node?.type === 'run' && node.record.kind !== 'sweep';
    if (isTraining) await this.launcher.start('train', target, [node.record.name]);
    else await this.launcher.start(node?.type === 'run' ? 'sweep' : verbOf(node?.record?.argv ?? []), target);
  }

  /** Opens what a run, or an experiment, has printed. */
  async openLog(argument: unknown): Promise<void> {
    const node = nodeOf(argument) ?? (await this.pickAny(l10n.t('Open Run Log')));
    if (!node) return;
    const file = logPath(node.directory);
    if (existsSync(file)) await vscode.window.showTextDocument(vscode.Uri.file(file), { preview: true });
    else this.log.show();
  }

  /** Shows the directory of a run, or of an experiment, in the Explorer. */
  async reveal(argument: unknown): Promise<void> {
    const node = nodeOf(argument) ?? (await this.pickAny(l10n.t('Reveal Run in Explorer')));
    if (node) await vscode.commands.executeCommand('revealInExplorer', vscode.Uri.file(node.directory));
  }

  /** Writes the report of what has been measured so far. */
  async report(argument: unknown): Promise<void> {
    const target = await chooseExperiment(argument, this.linguist);
    const node = nodeOf(argument);
    const directory = node ? experimentDirectoryOfNode(node) : target && (await runsDirectoryOf(target, this.linguist));
    if (!target || !directory) return;
    const output = path.join(directory, 'report');
    const isWritten = await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: l10n.t('Writing the report of {0}', path.basename(directory)) }, () => this.launcher.report(target, directory, output));
    if (!isWritten) {
      if ((await vscode.window.showErrorMessage(l10n.t('The report was not written.'), l10n.t('Show Log'))) === l10n.t('Show Log')) this.log.show();
      return;
    }
    const page = vscode.Uri.file(path.join(output, 'index.html'));
    const answer = await vscode.window.showInformationMessage(l10n.t('The report is in {0}.', vscode.workspace.asRelativePath(output)), ...(vscode.env.remoteName === undefined ? [l10n.t('Open'), l10n.t('Reveal')] : [l10n.t('Reveal')]));
    if (answer === l10n.t('Open')) await vscode.env.openExternal(page);
    if (answer === l10n.t('Reveal')) await vscode.commands.executeCommand('revealInExplorer', page);
  }

  private pickAny(title: string): Promise<ExperimentNode | RunNode | null> {
    return this.pick(title, (experiments) => experiments.flatMap((experiment) => [experiment, ...experiment.runs]), l10n.t('There are no runs in this workspace yet: run an experiment first.'));
  }

  /** The only one among the runs, or the one that the user picks; null where there is none, or none was picked. */
  private async pick<Node extends ExperimentNode | RunNode>(title: string, among: (experiments: readonly ExperimentNode[]) => readonly Node[], whyNone: string): Promise<Node | null> {
    const nodes = among(await this.runs.loaded());
    if (nodes.length === 0) void vscode.window.showInformationMessage(whyNone);
    if (nodes.length <= 1) return nodes[0] ?? null;
    const items = nodes.map((node) => (node.type === 'experiment'
      ? { label: node.name, description: experimentDescription(node), node }
      : { label: node.record.name, description: `${runDescription(node)} · ${path.basename(node.experiment)}`, node }));
    return (await vscode.window.showQuickPick(items, { title, matchOnDescription: true }))?.node ?? null;
  }
}
