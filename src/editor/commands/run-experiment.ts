import path from 'node:path';
import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { SoupError } from '../../errors';
import { launchSoup, type LaunchedCommand } from '../../runs/launch';
import { logPath } from '../../runs/run-directory';
import { Pace } from '../pace';
import type { RunIndex } from '../run-tree/run-index';
import { studyOfCell } from '../run-tree/run-model';
import type { StartedHere } from '../run-tree/started-here';
import { readSettings } from '../settings';
import type { LanguageWorker } from '../yaml-language/worker/work';
import type { ExperimentTarget } from './experiment-target';
import { launchArguments, type Verb } from './launch-arguments';
import { LogFollower } from './log-follower';
import type { OutcomeNotifications } from './outcome-notifications';

const followIntervalMs = 1000;

/** Starts `soup` for the editor: as a process of its own that a window reload does not end. */
export class Launcher {
  constructor(
    private readonly dist: string,
    private readonly linguist: LanguageWorker,
    private readonly runs: RunIndex,
    private readonly outcomes: OutcomeNotifications,
    private readonly started: StartedHere,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  /**
   * Starts a verb on an experiment, with its file saved first, and returns where its runs go. What it prints goes to its
   * log and to the output channel; a call that is refused gives an error notification.
   * @throws SoupError when the workspace is not trusted, or the experiment file or what it names is wrong
   */
  async start(verb: Verb, target: ExperimentTarget, only: readonly string[] = []): Promise<string> {
    if (!vscode.workspace.isTrusted) throw new SoupError('UntrustedWorkspaceError', l10n.t('Trainings start only in a trusted workspace: choose Manage Workspace Trust first.'));
    await saveIfOpen(target.experimentFile);
    const experiment = await this.linguist.run({ kind: 'experiment' as const, target, isToStart: true });
    const directory = path.join(path.dirname(target.experimentFile), 'runs', experiment.name);
    const startedAt = Date.now();
    const { command, lastLine } = await this.launch(launchArguments(verb, target, { ...readSettings(), only }), path.dirname(target.experimentFile), logPath(directory));
    this.started.note(directory, command.pid);
    this.runs.expect(directory);
    void lastLine.then((line) => this.ensureTold(command, directory, startedAt, line));
    return directory;
  }

  /** Starts `soup report` on an experiment; resolves to whether it succeeded. */
  async report(target: ExperimentTarget, directory: string, output: string): Promise<boolean> {
    const isWholeFile = target.variant === null && studyOfCell(directory) === null;
    const source = isWholeFile ? target.experimentFile : directory;
    const { command } = await this.launch(['report', source, '-o', output], path.dirname(target.experimentFile), logPath(directory));
    return (await command.ended).exitCode === 0;
  }

  private async launch(args: readonly string[], cwd: string, log: string): Promise<{ readonly command: LaunchedCommand; readonly lastLine: Promise<string> }> {
    const follower = await LogFollower.atEnd(log);
    const command = launchSoup(args, { cwd, dist: this.dist, log });
    this.log.info(`soup ${args.join(' ')} (process ${command.pid ?? 'not started'}), log ${log}`);
    return { command, lastLine: this.follow(args[0]!, command, follower) };
  }

  /** Copies what the process prints to the output channel until its end; resolves to its last line. */
  private async follow(verb: string, { ended }: LaunchedCommand, follower: LogFollower): Promise<string> {
    let latest = '';
    const copy = async (): Promise<void> => {
      for (const line of await follower.lines()) {
        this.log.info(`${verb}: ${line}`);
        latest = line;
      }
    };
    const pace = new Pace(copy, followIntervalMs, (error) => this.log.warn(String(error)));
    const timer = setInterval(() => pace.request(), followIntervalMs);
    const { exitCode, signal, error } = await ended;
    clearInterval(timer);
    pace.dispose();
    await copy();
    const end = signal ?? error?.message ?? `exit code ${exitCode}`;
    this.log.info(`soup ${verb} ended with ${end}.`);
    return error?.message ?? (latest || end);
  }

  /** A process may end before the index has seen it at work: then its end is told here. */
  private async ensureTold(command: LaunchedCommand, directory: string, startedAt: number, lastLine: string): Promise<void> {
    await this.runs.refresh();
    if (this.outcomes.hasToldSince(directory, startedAt)) return;
    const experiment = this.runs.experiments.find((node) => node.directory === directory);
    if (experiment?.record && experiment.record.pid === command.pid) {
      await this.outcomes.tell({ type: 'experiment-ended', experiment, state: experiment.record.state });
      return;
    }
    const answer = await vscode.window.showErrorMessage(l10n.t('The experiment was not started: {0}', lastLine.replace(/^soup: /, '')), l10n.t('Show Log'));
    if (answer === l10n.t('Show Log')) this.log.show();
  }
}

async function saveIfOpen(file: string): Promise<void> {
  const document = vscode.workspace.textDocuments.find(({ uri }) => uri.fsPath === file);
  if (document?.isDirty && !(await document.save())) throw new SoupError('UnsavedExperimentError', l10n.t('{0} could not be saved: save it, then start again.', file));
}
