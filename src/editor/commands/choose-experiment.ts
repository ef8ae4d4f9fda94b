import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { commands } from '../contributions';
import { experimentDescription } from '../run-tree/appearance';
import type { RunIndex } from '../run-tree/run-index';
import type { ExperimentNode, RunNode } from '../run-tree/run-model';
import { experimentFilePatterns, isExperimentFile } from '../experiment-language/experiment-file';
import { findLocalFiles } from '../virtual-files/local-search';
import type { LanguageWorker } from '../yaml-language/worker/work';
import { studySource, type ExperimentTarget } from './experiment-target';
import { localPath } from './local-path';

/** A node of the Runs view among a command's arguments; null where it was called otherwise. */
export function nodeOf(argument: unknown): ExperimentNode | RunNode | null {
  const isNode = typeof argument === 'object' && argument !== null && 'directory' in argument && 'type' in argument;
  return isNode ? (argument as ExperimentNode | RunNode) : null;
}

/** The experiment's directory that a node belongs to. */
export function experimentDirectoryOfNode(node: ExperimentNode | RunNode): string {
  return node.type === 'experiment' ? node.directory : node.experiment;
}

/**
 * The experiment to start: from a command's argument (a file, a node of the Runs view, a variant of a file), else the one
 * in the editor, else the only one of the workspace, else the user picks. Null when there is none, or none was picked.
 */
export async function chooseExperiment(argument: unknown, linguist: LanguageWorker): Promise<ExperimentTarget | null> {
  if (argument instanceof vscode.Uri) return { experimentFile: localPath(argument), variant: null };
  const node = nodeOf(argument);
  if (node) return targetOfDirectory(experimentDirectoryOfNode(node), linguist);
  if (isTarget(argument)) return argument;
  const active = vscode.window.activeTextEditor?.document.uri;
  if (active && isExperimentFile(active.path)) return { experimentFile: localPath(active), variant: null };
  const found = (await Promise.all(experimentFilePatterns.map((pattern) => findLocalFiles(pattern, '**/node_modules/**')))).flat();
  const files = [...new Set(found.map(({ fsPath }) => fsPath))].sort();
  if (files.length === 0) await offerNewExperiment();
  if (files.length <= 1) return files.length === 1 ? { experimentFile: files[0]!, variant: null } : null;
  const picked = await vscode.window.showQuickPick(files.map((file) => ({ label: vscode.workspace.asRelativePath(file), file })), { title: l10n.t('Experiment') });
  return picked ? { experimentFile: picked.file, variant: null } : null;
}

async function offerNewExperiment(): Promise<void> {
  const write = l10n.t('New Experiment…');
  const answer = await vscode.window.showInformationMessage(l10n.t('There is no experiment file (soup.yaml) in this workspace.'), ...(vscode.workspace.isTrusted ? [write] : []));
  if (answer === write) await vscode.commands.executeCommand(commands.newExperiment);
}

async function targetOfDirectory(directory: string, linguist: LanguageWorker): Promise<ExperimentTarget | null> {
  const target = await linguist.run({ kind: 'experiment-file' as const, directory });
  if (!target) void vscode.window.showErrorMessage(l10n.t('No experiment file beside {0} has these runs: put it back, or correct it, and try again.', vscode.workspace.asRelativePath(directory)));
  return target;
}

function isTarget(argument: unknown): argument is ExperimentTarget {
  return typeof argument === 'object' && argument !== null && 'experimentFile' in argument && typeof argument.experimentFile === 'string';
}

/** A table of results, as the Explorer's menu knows them. */
function isResultsFile(file: string): boolean {
  return /results\.(csv|jsonl)$/.test(file);
}

interface Offer {
  /** whether a table of results is enough, such as one from elsewhere */
  readonly isResultsEnough?: boolean;
  readonly isOffered?: (experiment: ExperimentNode) => boolean;
  readonly whyNone?: string;
}

/**
 * What a panel is to show: from a command's argument (a file, a node), else the experiment file or the results in the editor,
 * else the only experiment with runs, else the user picks. Null when there is none, or none was picked.
 * @param pathOf by which path a file is read
 */
export async function choosePanelSource(argument: unknown, runs: RunIndex, pathOf: (uri: vscode.Uri) => string, { isResultsEnough = false, isOffered = () => true, whyNone = l10n.t('There are no runs in this workspace yet: run an experiment first.') }: Offer = {}): Promise<string | null> {
  if (argument instanceof vscode.Uri) return pathOf(argument);
  const node = nodeOf(argument);
  if (node) return experimentDirectoryOfNode(node);
  const active = vscode.window.activeTextEditor?.document.uri;
  if (active && (isExperimentFile(active.path) || (isResultsEnough && isResultsFile(active.path)))) return pathOf(active);
  const experiments = (await runs.loaded()).filter(isOffered);
  if (experiments.length === 1) return experiments[0]!.directory;
  if (experiments.length === 0) {
    void vscode.window.showInformationMessage(whyNone);
    return null;
  }
  const items = experiments.map((experiment) => ({ label: experiment.name, description: experimentDescription(experiment), detail: vscode.workspace.asRelativePath(experiment.directory), experiment }));
  return (await vscode.window.showQuickPick(items, { title: l10n.t('Experiment') }))?.experiment.directory ?? null;
}

/** As `choosePanelSource`, for the panel of studies; however a study is asked for, by a variant too, it is one source. */
export async function chooseStudy(argument: unknown, runs: RunIndex, linguist: LanguageWorker): Promise<string | null> {
  const whyNone = l10n.t('There is no study with runs in this workspace yet: open an experiment file with a `study` key, and run it.');
  const chosen = isTarget(argument) ? argument : await choosePanelSource(argument, runs, localPath, { isOffered: ({ isStudy }) => isStudy, whyNone });
  return chosen && studySource(chosen, linguist);
}
