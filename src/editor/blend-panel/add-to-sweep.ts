import path from 'node:path';
import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { checkSimplex } from '../../analysis/simplex';
import { SoupError } from '../../errors';
import { commands } from '../contributions';
import type { LanguageWorker } from '../yaml-language/worker/work';

/**
 * Writes a λ into the experiment file of a run, where it is saved and can be undone, and starts the sweep, which evaluates
 * that point alone. Returns the file's name.
 * @param weights by expert name
 * @throws SoupError where λ lies off the simplex, there is no file, it is wrong, or it cannot be saved
 */
export async function addToSweep(experimentDirectory: string, weights: Readonly<Record<string, number>>, linguist: LanguageWorker): Promise<string> {
  checkSimplex(weights, 'λ');
  const target = await linguist.run({ kind: 'experiment-file' as const, directory: experimentDirectory });
  if (!target) throw new SoupError('NoExperimentFileError', l10n.t('No experiment file beside {0} has these runs: put it back, or correct it, and try again.', vscode.workspace.asRelativePath(experimentDirectory)));
  const document = await vscode.workspace.openTextDocument(target.experimentFile);
  const name = path.basename(target.experimentFile);
  const { version } = document;
  const text = document.getText();
  const problem = (await linguist.run({ kind: 'problems' as const, language: 'experiment', text, file: null })).find(({ severity }) => severity === 'error');
  if (problem) throw new SoupError('WrongExperimentError', l10n.t('{0}: {1}. Correct it first.', name, problem.message));
  const insertion = await linguist.run({ kind: 'sweep-point' as const, text, weights, variant: target.variant });
  if (document.version !== version) return addToSweep(experimentDirectory, weights, linguist); // something was typed meanwhile
  const edit = new vscode.WorkspaceEdit();
  edit.insert(document.uri, document.positionAt(insertion.offset), insertion.text);
  if (!(await vscode.workspace.applyEdit(edit)) || !(await document.save())) throw new SoupError('UnsavedExperimentError', l10n.t('{0} could not be saved: save it, then sweep.', name));
  void vscode.commands.executeCommand(commands.sweep, target); // which tells of itself, and waits for an answer
  return name;
}
