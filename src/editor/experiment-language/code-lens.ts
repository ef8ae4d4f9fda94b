import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { commands, type CommandId } from '../contributions';
import { experimentFilePatterns } from './experiment-file';
import { variantLines } from './variant-lines';

const actions: readonly (readonly [title: string, command: CommandId, tooltip: string])[] = [
  [l10n.t('$(run-all) Run all'), commands.runExperiment, l10n.t('Train what is missing, sweep, check and report')],
  [l10n.t('$(play) Train'), commands.train, l10n.t('Train base and experts, where they are missing')],
  [l10n.t('$(arrow-swap) Sweep'), commands.sweep, l10n.t('Evaluate soups of the experts over a grid of λ')],
  [l10n.t('$(file-media) Report'), commands.report, l10n.t('Write the report of what has been measured')],
  [l10n.t('$(graph-line) Curves'), commands.showRewardCurves, l10n.t('Show the reward curves')],
];

/** The actions above the first line of an experiment file, and *Run* above each of its variants. */
export function registerCodeLenses(): vscode.Disposable {
  return vscode.languages.registerCodeLensProvider(
    experimentFilePatterns.map((pattern) => ({ pattern, scheme: 'file' })),
    { provideCodeLenses: (document) => lensesOf(document) },
  );
}

/** Above the key that makes a file a study. */
function studyLenses(document: vscode.TextDocument): vscode.CodeLens[] {
  const line = document.getText().split('\n').findIndex((text) => /^study\s*:/.test(text));
  if (line < 0) return [];
  return [new vscode.CodeLens(new vscode.Range(line, 0, line, 0), { title: l10n.t('$(beaker) Study'), command: commands.showStudy, tooltip: l10n.t('Show what the study says so far'), arguments: [document.uri] })];
}

function lensesOf(document: vscode.TextDocument): vscode.CodeLens[] {
  const top = new vscode.Range(0, 0, 0, 0);
  return [
    ...actions.map(([title, command, tooltip]) => new vscode.CodeLens(top, { title, command, tooltip, arguments: [document.uri] })),
    ...studyLenses(document),
    ...variantLines(document.getText()).map(({ variant, line }) => {
      const target = { experimentFile: document.uri.fsPath, variant };
      return new vscode.CodeLens(new vscode.Range(line, 0, line, 0), { title: l10n.t('$(run-all) Run {0}', variant), command: commands.runExperiment, tooltip: l10n.t('Run the experiment as its variant {0} says', variant), arguments: [target] });
    }),
  ];
}
