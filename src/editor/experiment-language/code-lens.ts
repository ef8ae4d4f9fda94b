import * as vscode from 'vscode';
import { commands, type CommandId } from '../contributions';
import { experimentFilePatterns } from './experiment-file';
import { variantLines } from './variant-lines';

const actions: readonly (readonly [title: string, command: CommandId, tooltip: string])[] = [
  ['$(run-all) Run all', commands.runExperiment, 'Train what is missing, sweep, check and report'],
  ['$(play) Train', commands.train, 'Train base and experts, where they are missing'],
  ['$(arrow-swap) Sweep', commands.sweep, 'Evaluate soups of the experts over a grid of λ'],
  ['$(file-media) Report', commands.report, 'Write the report of what has been measured'],
  ['$(graph-line) Curves', commands.showRewardCurves, 'Show the reward curves'],
];

/** The actions above the first line of an experiment file, and *Run* above each of its variants. */
export function registerCodeLenses(): vscode.Disposable {
  return vscode.languages.registerCodeLensProvider(
    experimentFilePatterns.map((pattern) => ({ pattern })),
    { provideCodeLenses: (document) => lensesOf(document) },
  );
}

function lensesOf(document: vscode.TextDocument): vscode.CodeLens[] {
  const top = new vscode.Range(0, 0, 0, 0);
  return [
    ...actions.map(([title, command, tooltip]) => new vscode.CodeLens(top, { title, command, tooltip, arguments: [document.uri] })),
    ...variantLines(document.getText()).map(({ variant, line }) => {
      const target = { experimentFile: document.uri.fsPath, variant };
      return new vscode.CodeLens(new vscode.Range(line, 0, line, 0), { title: `$(run-all) Run ${variant}`, command: commands.runExperiment, tooltip: `Run the experiment as its variant ${variant} says`, arguments: [target] });
    }),
  ];
}
