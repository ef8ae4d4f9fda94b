import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { commands, treeItems, views } from '../contributions';
import { escapeMarkdown, experimentDescription, runDescription, runTooltip, stateIcons } from './appearance';
import { isActive } from './progress';
import type { RunIndex } from './run-index';
import { experimentState, type ExperimentNode, type RunNode } from './run-model';
import { StableNodes } from './stable-nodes';
import type { RunState } from '../../runs/run-record';

export type RunTreeNode = ExperimentNode | RunNode;

/** The *Runs* view: experiments, and below each its trainings and its sweep with their live state. */
export class RunTreeProvider implements vscode.TreeDataProvider<RunTreeNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<RunTreeNode[] | undefined>();
  private readonly subscription: vscode.Disposable;
  private readonly nodes = new StableNodes();
  readonly onDidChangeTreeData = this.changed.event;

  constructor(private readonly index: RunIndex) {
    this.subscription = index.onDidChange((experiments) => {
      const changed = this.nodes.update(experiments);
      if (changed === null) this.changed.fire(undefined);
      else if (changed.length > 0) this.changed.fire([...changed]);
    });
  }

  async getChildren(node?: RunTreeNode): Promise<RunTreeNode[]> {
    if (node) return node.type === 'experiment' ? [...node.runs] : [];
    await this.index.loaded();
    return [...this.nodes.experiments];
  }

  getParent(node: RunTreeNode): RunTreeNode | null {
    return node.type === 'run' ? (this.nodes.experiments.find(({ directory }) => directory === node.experiment) ?? null) : null;
  }

  getTreeItem(node: RunTreeNode): vscode.TreeItem {
    return node.type === 'experiment' ? experimentItem(node) : runItem(node);
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
  }
}

/** Registers the view. */
export function createRunTree(index: RunIndex): vscode.Disposable & Pick<vscode.TreeView<RunTreeNode>, 'onDidChangeSelection'> {
  const provider = new RunTreeProvider(index);
  const view = vscode.window.createTreeView(views.runs, { treeDataProvider: provider, showCollapseAll: true });
  return { dispose: () => vscode.Disposable.from(view, provider).dispose(), onDidChangeSelection: view.onDidChangeSelection };
}

function experimentItem(experiment: ExperimentNode): vscode.TreeItem {
  const state = experimentState(experiment);
  const item = new vscode.TreeItem(experiment.name, vscode.TreeItemCollapsibleState.Expanded);
  item.id = experiment.directory;
  item.description = experimentDescription(experiment);
  item.iconPath = themeIcon(state);
  const [idle, active, done] = experiment.isStudy ? [treeItems.study, treeItems.activeStudy, treeItems.doneStudy] : [treeItems.experiment, treeItems.activeExperiment, treeItems.doneExperiment];
  item.contextValue = isActive(state) ? active : state === 'succeeded' ? done : idle;
  const error = experiment.record?.error ? `\n\n$(error) ${escapeMarkdown(experiment.record.error.message)}` : '';
  item.tooltip = new vscode.MarkdownString(`**${escapeMarkdown(experiment.name)}** · ${state}${error}\n\n\`${experiment.directory}\``, true);
  item.accessibilityInformation = { label: l10n.t('experiment {0}, {1}', experiment.name, item.description) };
  return item;
}

function runItem(run: RunNode): vscode.TreeItem {
  const { state, name, kind } = run.record;
  const item = new vscode.TreeItem(name, vscode.TreeItemCollapsibleState.None);
  item.id = run.directory;
  item.description = runDescription(run);
  item.iconPath = themeIcon(state);
  item.contextValue = isActive(state) ? treeItems.activeRun : state === 'succeeded' ? treeItems.doneRun : treeItems.run;
  item.tooltip = new vscode.MarkdownString(runTooltip(run), true);
  item.accessibilityInformation = { label: `${kind} ${name}, ${item.description}` };
  item.command = { command: kind === 'sweep' ? commands.showLmcCheck : commands.showRewardCurves, title: l10n.t('Show'), arguments: [run] };
  return item;
}

function themeIcon(state: RunState): vscode.ThemeIcon {
  const { icon, color } = stateIcons[state];
  return new vscode.ThemeIcon(icon, color === null ? undefined : new vscode.ThemeColor(color));
}
