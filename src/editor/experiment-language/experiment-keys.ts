import path from 'node:path';
import type * as vscode from 'vscode';
import { experimentSchema } from '../../experiment/schema';
import { registerKeyAssistance } from '../yaml-language/key-assistance';
import { schemaVocabulary } from '../yaml-language/vocabulary';
import { experimentFilePatterns, isExperimentFile } from './experiment-file';

/** Completion, hover and the way to files for the keys of experiment files. */
export function registerExperimentKeys(): vscode.Disposable {
  return registerKeyAssistance({
    selector: experimentFilePatterns.map((pattern) => ({ pattern })),
    isOurs: ({ fileName }) => isExperimentFile(fileName),
    isMatchedToSchema: () => true,
    vocabulary: (value) => schemaVocabulary(experimentSchema, value),
    locate: async (reference, directory) => path.resolve(directory, reference),
  });
}
