import './editor/localisation';
import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { holdsWeights } from './checkpoint/checkpoint';
import { WorkerThread } from './checkpoint/worker/worker-thread';
import { BlendPanels } from './editor/blend-panel/blend-panels';
import { CheckpointIndex } from './editor/checkpoint-tree/checkpoint-index';
import { followRuns, pathOfNode } from './editor/checkpoint-tree/checkpoint-tree-provider';
import { CheckpointView } from './editor/checkpoint-tree/checkpoint-view';
import { OutcomeNotifications } from './editor/commands/outcome-notifications';
import { followWithContext } from './editor/commands/palette-context';
import { panelActions } from './editor/commands/panel-actions';
import { registerCommands } from './editor/commands/register-commands';
import { RunCommands } from './editor/commands/run-commands';
import { Launcher } from './editor/commands/run-experiment';
import { outputChannelName } from './editor/contributions';
import { followEditors } from './editor/inspector/follow-editors';
import { InspectorView } from './editor/inspector/inspector-view';
import { followMergekitFiles } from './editor/mergekit-language/known-files';
import { PanelHost } from './editor/panels/panel-host';
import { RunIndex } from './editor/run-tree/run-index';
import type { Reader } from './editor/reader/work';
import { createRunTree } from './editor/run-tree/run-tree-provider';
import { SafetensorsEditor } from './editor/safetensors-editor/safetensors-editor';
import { StartedHere } from './editor/run-tree/started-here';
import { createStatusItem } from './editor/status/status-item';
import { LocalCopies } from './editor/virtual-files/local-copies';
import { languagesOnDemand } from './editor/yaml-language/languages-on-demand';
import type { LanguageWorker } from './editor/yaml-language/worker/work';

/** Builds the services and registers every surface; a failure is told here, because VS Code only logs it. */
export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel(outputChannelName, { log: true });
  context.subscriptions.push(log);
  try {
    register(context, log);
  } catch (error) {
    log.error(error instanceof Error ? error : String(error));
    void vscode.window.showErrorMessage(l10n.t('Rewarded Soups could not start: {0}', error instanceof Error ? error.message : String(error)), l10n.t('Show Log')).then((answer) => answer && log.show());
    throw error;
  }
}

function register({ subscriptions, extensionUri, workspaceState }: vscode.ExtensionContext, log: vscode.LogOutputChannel): void {
  const copies = new LocalCopies(vscode.workspace.fs, vscode.Uri);
  const bundle = (name: string): string => vscode.Uri.joinPath(extensionUri, 'dist', name).fsPath;
  const reader: Reader = new WorkerThread(bundle('reader.js'));
  const linguist: LanguageWorker = new WorkerThread(bundle('language-worker.js'));
  const checkpoints = new CheckpointIndex(copies, reader, log);
  const runs = new RunIndex(log);
  const inspector = new InspectorView(extensionUri, checkpoints, reader, log);
  const checkpointView = new CheckpointView(checkpoints, workspaceState, log);
  const blends = new BlendPanels(extensionUri, checkpoints, reader, linguist, checkpointView, log);
  const panels = new PanelHost(extensionUri, runs, copies, linguist, panelActions(blends, checkpoints, inspector, log), log);
  const started = new StartedHere(workspaceState);
  const outcomes = new OutcomeNotifications(runs, started, log);
  const launcher = new Launcher(bundle(''), linguist, runs, outcomes, started, log);
  const runCommands = new RunCommands(launcher, runs, linguist, log);
  const runTree = createRunTree(runs);
  subscriptions.push(
    copies,
    { dispose: () => void Promise.all([reader.dispose(), linguist.dispose()]) },
    checkpoints,
    runs,
    inspector,
    followEditors(inspector, copies),
    new SafetensorsEditor(extensionUri, copies, reader, log),
    panels,
    blends,
    checkpointView,
    followRuns(checkpoints, runs),
    checkpointView.onDidChangeSelection(({ selection }) => inspectSelection(inspector, selection.flatMap((node) => pathOfNode(node) ?? []))),
    runTree,
    runTree.onDidChangeSelection(async ({ selection: [node] }) => {
      if (node?.type === 'run' && (await holdsWeights(node.directory))) await inspector.inspect(node.directory);
    }),
    createStatusItem(runs),
    followWithContext(runs),
    followMergekitFiles(),
    languagesOnDemand(linguist, log),
    outcomes,
    registerCommands({ extensionUri, log, checkpoints, checkpointView, runs, inspector, panels, blends, runCommands, linguist }),
  );
  void runs.loaded().catch((error: unknown) => log.error(error instanceof Error ? error : String(error)));
}

/** One checkpoint is inspected, the second of two is compared with the first; another selection leaves what is shown. */
function inspectSelection(inspector: InspectorView, paths: readonly string[]): void {
  const [first, second] = paths;
  if (first !== undefined && paths.length <= 2) void inspector.inspect(first, second ?? null);
}
