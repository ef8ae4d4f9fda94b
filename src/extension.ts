import * as vscode from 'vscode';
import { CheckpointIndex } from './editor/checkpoint-tree/checkpoint-index';
import { createCheckpointTree, followRuns, pathOfNode } from './editor/checkpoint-tree/checkpoint-tree-provider';
import type { CheckpointTreeNode } from './editor/checkpoint-tree/groups';
import { CreateSoup } from './editor/commands/create-soup';
import { OutcomeNotifications } from './editor/commands/outcome-notifications';
import { panelActions } from './editor/commands/panel-actions';
import { registerCommands } from './editor/commands/register-commands';
import { RunCommands } from './editor/commands/run-commands';
import { Launcher } from './editor/commands/run-experiment';
import { outputChannelName } from './editor/contributions';
import { registerCodeLenses } from './editor/experiment-language/code-lens';
import { registerDiagnostics } from './editor/experiment-language/diagnostics';
import { registerExpressionAssistance } from './editor/experiment-language/expression-assistance';
import { registerQuickFixes } from './editor/experiment-language/quick-fixes';
import { InspectorView } from './editor/inspector/inspector-view';
import { registerMergekitLanguage } from './editor/mergekit-language/mergekit-language';
import { PanelHost } from './editor/panels/panel-host';
import { RunIndex } from './editor/run-tree/run-index';
import { createRunTree } from './editor/run-tree/run-tree-provider';
import { SafetensorsEditor } from './editor/safetensors-editor/safetensors-editor';
import { createStatusItem } from './editor/status/status-item';

/** Builds the services and registers every surface; a failure is told here, because VS Code only logs it. */
export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel(outputChannelName, { log: true });
  context.subscriptions.push(log);
  try {
    register(context, log);
  } catch (error) {
    log.error(error instanceof Error ? error : String(error));
    void vscode.window.showErrorMessage(`Rewarded Soups could not start: ${error instanceof Error ? error.message : String(error)}`, 'Show Log').then((answer) => answer && log.show());
    throw error;
  }
}

/** One checkpoint is inspected; a group, several or none (a tree that is drawn again) leave the last one where it is. */
function followSelection(inspector: InspectorView, selection: readonly CheckpointTreeNode[]): void {
  const at = selection.length === 1 ? pathOfNode(selection[0]!) : null;
  if (at !== null) void inspector.inspect(at);
}

function register({ subscriptions, extensionUri }: vscode.ExtensionContext, log: vscode.LogOutputChannel): void {
  const checkpoints = new CheckpointIndex(log);
  const runs = new RunIndex(log);
  const inspector = new InspectorView(extensionUri, checkpoints, log);
  const createSoup = new CreateSoup(checkpoints, log);
  const panels = new PanelHost(extensionUri, runs, panelActions(createSoup, log), log);
  const outcomes = new OutcomeNotifications(runs, log);
  const launcher = new Launcher(vscode.Uri.joinPath(extensionUri, 'dist').fsPath, runs, outcomes, log);
  const runCommands = new RunCommands(launcher, runs, log);
  const tree = createCheckpointTree(checkpoints);
  subscriptions.push(
    checkpoints,
    runs,
    inspector,
    new SafetensorsEditor(extensionUri, log),
    panels,
    tree,
    tree.provider,
    followRuns(checkpoints, runs),
    tree.onDidChangeSelection(({ selection }) => followSelection(inspector, selection)),
    createRunTree(runs),
    createStatusItem(runs),
    registerCodeLenses(),
    registerDiagnostics(),
    registerQuickFixes(),
    registerExpressionAssistance(),
    registerMergekitLanguage(),
    outcomes,
    registerCommands({ log, checkpoints, runs, inspector, panels, createSoup, runCommands }),
  );
  void runs.loaded().catch((error: unknown) => log.error(error instanceof Error ? error : String(error)));
}
