import type * as vscode from 'vscode';
import { publishProblems } from '../problems';
import type { LanguageWorker } from '../yaml-language/worker/work';
import { isExperimentFile } from './experiment-file';

/** Problems of the open experiment files, and of the models and files that they name. */
export function registerDiagnostics(worker: LanguageWorker): vscode.Disposable {
  return publishProblems('experiment', ({ fileName }) => isExperimentFile(fileName), ({ uri, fileName, getText }) => worker.run({ kind: 'problems' as const, language: 'experiment', text: getText(), file: uri.scheme === 'file' ? fileName : null }));
}
