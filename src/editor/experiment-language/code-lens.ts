import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { ExperimentTarget } from '../commands/experiment-target';
import { commands, type CommandId } from '../contributions';
import { ask } from '../yaml-language/ask';
import type { LanguageWorker } from '../yaml-language/worker/work';
import { experimentFilePatterns } from './experiment-file';

const actions: readonly (readonly [title: string, command: CommandId, tooltip: string])[] = [
  [l10n.t('$(run-all) Run all'), commands.runExperiment, l10n.t('Train what is missing, sweep, check and report')],
  [l10n.t('$(play) Train'), commands.train, l10n.t('Train base and experts, where they are missing')],
  [l10n.t('$(arrow-swap) Sweep'), commands.sweep, l10n.t('Evaluate soups of the experts over a grid of λ')],
  [l10n.t('$(file-media) Report'), commands.report, l10n.t('Write the report of what has been measured')],
  [l10n.t('$(graph-line) Curves'), commands.showRewardCurves, l10n.t('Show the reward curves')],
];

/** The actions above the first line of an experiment file, those of its study above its key, and those of each variant above its name. */
export function registerCodeLenses(worker: LanguageWorker): vscode.Disposable {
  return vscode.languages.registerCodeLensProvider(
    experimentFilePatterns.map((pattern) => ({ pattern, scheme: 'file' })),
    { provideCodeLenses: (document, token) => lensesOf(worker, document, token) },
  );
}

async function lensesOf(worker: LanguageWorker, document: vscode.TextDocument, token: vscode.CancellationToken): Promise<vscode.CodeLens[] | null> {
  const lines = await ask(worker, { kind: 'lenses' as const, text: document.getText() }, token);
  if (!lines) return null;
  const { study, variants } = lines;
  return [
    ...actions.map(([title, command, tooltip]) => lens(0, { title, command, tooltip, arguments: [document.uri] })),
    ...(study === null ? [] : [lens(study, { title: l10n.t('$(beaker) Study'), command: commands.showStudy, tooltip: studyTooltip, arguments: [document.uri] })]),
    ...variants.flatMap(({ variant, line, isStudy }) => {
      const target: ExperimentTarget = { experimentFile: document.uri.fsPath, variant };
      const run = lens(line, { title: l10n.t('$(run-all) Run {0}', variant), command: commands.runExperiment, tooltip: l10n.t('Run the experiment as its variant {0} says', variant), arguments: [target] });
      return isStudy ? [run, lens(line, { title: l10n.t('$(beaker) Study {0}', variant), command: commands.showStudy, tooltip: studyTooltip, arguments: [target] })] : [run];
    }),
  ];
}

const studyTooltip = l10n.t('Show what the study says so far');
const lens = (line: number, command: vscode.Command): vscode.CodeLens => new vscode.CodeLens(new vscode.Range(line, 0, line, 0), command);
