import type * as vscode from 'vscode';
import { registerKeyAssistance } from '../yaml-language/key-assistance';
import type { LanguageWorker } from '../yaml-language/worker/work';
import { experimentFilePatterns, isExperimentFile } from './experiment-file';

/** Completion, hover and the way to files for the keys of experiment files. */
export function registerExperimentKeys(worker: LanguageWorker): vscode.Disposable {
  return registerKeyAssistance({
    id: 'experiment',
    selector: experimentFilePatterns.map((pattern) => ({ pattern })),
    isOurs: ({ fileName }) => isExperimentFile(fileName),
    isMatchedToSchema: () => true,
  }, worker);
}
