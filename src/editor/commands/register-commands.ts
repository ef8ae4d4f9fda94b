import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { PanelKind } from '../../protocol/panels';
import type { BlendPanels } from '../blend-panel/blend-panels';
import type { CheckpointIndex } from '../checkpoint-tree/checkpoint-index';
import { checkpointOfFile } from '../checkpoint-tree/checkpoint-paths';
import type { CheckpointView } from '../checkpoint-tree/checkpoint-view';
import { commands, type CommandId } from '../contributions';
import type { InspectorView } from '../inspector/inspector-view';
import type { PanelHost } from '../panels/panel-host';
import type { RunIndex } from '../run-tree/run-index';
import type { LanguageWorker } from '../yaml-language/worker/work';
import { checkpointPathsOf } from './checkpoint-arguments';
import { choosePanelSource, chooseStudy } from './choose-experiment';
import { createSoup } from './create-soup';
import type { RunCommands } from './run-commands';

export interface CommandServices {
  readonly extensionUri: vscode.Uri;
  readonly log: vscode.LogOutputChannel;
  readonly checkpoints: CheckpointIndex;
  readonly checkpointView: CheckpointView;
  readonly runs: RunIndex;
  readonly inspector: InspectorView;
  readonly panels: PanelHost;
  readonly blends: BlendPanels;
  readonly runCommands: RunCommands;
  readonly linguist: LanguageWorker;
}

type Handler = (argument: unknown, selection: unknown) => unknown;

/** Registers every command of the manifest; what one of them throws becomes a notification with the way to the log. */
export function registerCommands(services: CommandServices): vscode.Disposable {
  const { extensionUri, log, checkpoints, checkpointView, runs, inspector, panels, blends, runCommands, linguist } = services;
  const { copies } = checkpoints;
  const showPanel = (kind: PanelKind): Handler => async (argument) => {
    const source = await choosePanelSource(argument, runs, (uri) => copies.pathOf(uri), { isResultsEnough: kind !== 'reward-curves' });
    if (source !== null) await panels.show(kind, source);
  };
  // one entry a command: forgetting one does not compile; what needs much is loaded by its first call
  const handlers: Readonly<Record<CommandId, Handler>> = {
    [commands.createSoup]: (clicked, selection) => createSoup(clicked, selection, checkpoints, blends),
    [commands.newExperiment]: async (clicked) => new (await import('./new-experiment')).NewExperiment(checkpoints).run(clicked),
    [commands.openExample]: async () => (await import('./open-example')).openExample(extensionUri, linguist),
    [commands.runMerge]: async (clicked) => (await import('./run-merge')).runMerge(clicked, log),
    [commands.inspectCheckpoint]: async (clicked) => {
      const [path] = checkpointPathsOf(clicked ?? activeFile(), undefined, copies);
      inspector.reveal();
      await inspector.inspect(path === undefined ? null : await checkpointOfFile(path, (directory) => copies.names(directory)));
    },
    [commands.revealCheckpoint]: (clicked) => {
      const [path] = checkpointPathsOf(clicked, undefined, copies);
      if (path) return vscode.commands.executeCommand('revealInExplorer', copies.uriOf(path));
    },
    [commands.refreshCheckpoints]: () => checkpoints.refresh(),
    [commands.filterCheckpoints]: () => checkpointView.askFilter(),
    [commands.clearCheckpointFilter]: () => checkpointView.clearFilter(),
    [commands.sortCheckpoints]: () => checkpointView.askOrder(),
    [commands.showMoreCheckpoints]: (node) => checkpointView.showMore(node),
    [commands.refreshRuns]: () => runs.refresh(),
    [commands.runExperiment]: (argument) => runCommands.start('run', argument),
    [commands.train]: (argument) => runCommands.start('train', argument),
    [commands.sweep]: (argument) => runCommands.start('sweep', argument),
    [commands.report]: (argument) => runCommands.report(argument),
    [commands.stopRun]: (argument) => runCommands.stop(argument),
    [commands.resumeRun]: (argument) => runCommands.resume(argument),
    [commands.openRunLog]: (argument) => runCommands.openLog(argument),
    [commands.revealRun]: (argument) => runCommands.reveal(argument),
    [commands.showRewardCurves]: showPanel('reward-curves'),
    [commands.showLmcCheck]: showPanel('lmc-check'),
    [commands.showSpiderMap]: showPanel('spider-map'),
    [commands.showFront]: showPanel('front'),
    [commands.showStudy]: async (argument) => {
      const source = await chooseStudy(argument, runs, linguist);
      if (source !== null) await panels.show('study', source);
    },
    [commands.showLog]: () => log.show(),
  };
  const registrations = Object.entries(handlers).map(([command, handler]) =>
    vscode.commands.registerCommand(command, async (argument?: unknown, selection?: unknown) => {
      try {
        await handler(argument, selection);
      } catch (error) {
        await report(error, log);
      }
    }),
  );
  return vscode.Disposable.from(...registrations);
}

async function report(error: unknown, log: vscode.LogOutputChannel): Promise<void> {
  log.error(error instanceof Error ? error : String(error));
  const answer = await vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error), l10n.t('Show Log'));
  if (answer === l10n.t('Show Log')) log.show();
}

/** Of the editor in front, whatever it shows the file as. */
function activeFile(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom ? input.uri : undefined;
}
