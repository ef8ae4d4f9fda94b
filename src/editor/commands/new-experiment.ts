import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { policyModelType } from '../../architecture/policy';
import { metricsOf } from '../../experiment/metrics';
import { draftProblem, parseRewardEntry } from '../../experiment/new-experiment/reward-entry';
import { starters, type Starter } from '../../experiment/new-experiment/starters';
import { tokenizerFacts } from '../../experiment/new-experiment/tokenizer-facts';
import { writeExperiment, type ExperimentDraft, type Start } from '../../experiment/new-experiment/write-experiment';
import { checkpointDescription } from '../checkpoint-tree/appearance';
import type { CheckpointIndex } from '../checkpoint-tree/checkpoint-index';
import type { CheckpointSummary } from '../checkpoint-tree/checkpoint-summary';
import { findLocalFiles } from '../virtual-files/local-search';
import { experimentFolder, freeExperimentFile } from './experiment-folder';
import { askText, choose, chooseMany } from './questions';
import { back, stepByStep, type Place, type Step } from './step-by-step';

/** What is known of the experiment so far. */
interface Answers {
  readonly starter?: Starter;
  readonly prompts?: string;
  readonly start?: Start;
  /** `name: expression`, as chosen first; then as they have been written */
  readonly chosen?: readonly string[];
  readonly rewards?: readonly { readonly name: string; readonly expression: string }[];
  readonly steps?: number;
  readonly name?: string;
}
type Question = Step<Answers>;

/** **New Experiment…**: asks what is learned, from what, and for which rewards, and writes a commented experiment file. */
export class NewExperiment {
  constructor(private readonly checkpoints: CheckpointIndex) {}

  /** @param clicked a folder of the Explorer; the first of the workspace otherwise */
  async run(clicked: unknown): Promise<void> {
    const folder = await experimentFolder(clicked);
    if (!folder) return;
    const answers = await stepByStep<Answers>(l10n.t('New Experiment'), {}, (known) => this.questions(known, folder));
    if (!answers) return;
    const file = await freeExperimentFile(folder, answers.name!);
    await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(writeExperiment(draftOf(answers))));
    await vscode.window.showTextDocument(file);
  }

  private questions({ starter, start, chosen }: Answers, folder: vscode.Uri): readonly Question[] {
    const isText = starter?.task === 'text';
    return [
      askTask,
      ...(isText ? [fileQuestion(l10n.t('File of prompts: .txt with one a line, or .jsonl with prompt, reference and source'), '**/*.{jsonl,txt}', folder, (known, prompts) => ({ ...known, prompts }))] : []),
      (known, place) => this.askStart(known, place, folder),
      ...(start?.from === 'corpus' ? [fileQuestion(l10n.t('Text that the model learns first: .txt with one text a line, or .jsonl'), '**/*.{txt,jsonl}', folder, withCorpus)] : []),
      askRewards,
      ...(chosen ?? ['', '']).map((_, index) => rewardQuestion(index)),
      askSteps,
      nameQuestion(folder),
    ];
  }

  private async askStart(known: Answers, place: Place, folder: vscode.Uri): Promise<Answers | typeof back | null> {
    const isText = known.starter!.task === 'text';
    const scratch = isText
      ? { label: l10n.t('A new language model'), detail: l10n.t('A small LLaMA of random weights that learns a text first; it needs a tokenizer.'), start: 'corpus' as const }
      : { label: l10n.t('From scratch'), detail: l10n.t('A base is trained first, and every expert starts from it.'), start: 'scratch' as const };
    const fits = ({ family, storage }: CheckpointSummary): boolean => (isText ? storage !== 'adapter' && family !== policyModelType : family === policyModelType) && storage !== 'file';
    const items = async () => [
      scratch,
      { label: l10n.t('Browse…'), detail: l10n.t('A checkpoint directory on this machine.'), start: 'browse' as const },
      ...(await this.checkpoints.loaded()).flatMap((entry) => ('type' in entry || !fits(entry) ? [] : [{ label: path.basename(entry.path), description: checkpointDescription(entry), detail: vscode.workspace.asRelativePath(entry.path), start: entry.path }])),
    ];
    const picked = await choose(place, l10n.t('What every expert starts from'), items());
    if (picked === null || picked === back) return picked;
    if (picked.start === 'scratch') return { ...known, start: { from: 'scratch' } };
    if (picked.start === 'corpus') return askTokenizer(known, place, folder);
    const directory = picked.start === 'browse' ? await browse(l10n.t('Start from This Directory'), true, folder) : relativeTo(folder, picked.start);
    return directory === null ? null : { ...known, start: { from: 'checkpoint', directory } };
  }
}

const askTask: Question = async (known, place) => {
  const picked = await choose(place, l10n.t('What is learned'), starters.map((starter) => ({ label: starter.label, description: starter.task === starter.label ? '' : starter.task, detail: starter.detail, starter })));
  return picked === null || picked === back ? picked : { ...known, starter: picked.starter };
};

async function askTokenizer(known: Answers, place: Place, folder: vscode.Uri): Promise<Answers | typeof back | null> {
  const file = await pickFile(place, l10n.t('Tokenizer of the new model'), '**/tokenizer.json', folder);
  if (file === null || file === back) return file;
  const directory = path.posix.dirname(file);
  const absolute = path.resolve(folder.fsPath, directory);
  const { vocabularySize, endOfText } = tokenizerFacts(await readFile(path.join(absolute, 'tokenizer.json'), 'utf8'), await readFile(path.join(absolute, 'tokenizer_config.json'), 'utf8').catch(() => '{}'));
  return { ...known, start: { from: 'corpus', corpus: '', tokenizer: directory, vocabularySize, endOfText } };
}

function withCorpus(known: Answers, corpus: string): Answers {
  return known.start?.from === 'corpus' ? { ...known, start: { ...known.start, corpus } } : known;
}

const askRewards: Question = async (known, place) => {
  const { rewards, task } = known.starter!;
  const suggested = Object.entries(rewards).map(([name, expression]) => ({ label: `${name}: ${expression}`, description: l10n.t('suggested'), picked: true }));
  const metrics = metricsOf({ task: { type: task } }).map(({ name, unit, description }) => ({ label: `${name}: ${name}`, description: unit === '' ? l10n.t('metric') : l10n.t('metric, {0}', unit), detail: description }));
  const picked = await chooseMany(place, l10n.t('Two rewards or more; the next steps ask for their expressions'), [...suggested, ...metrics], 2);
  return picked === null || picked === back ? picked : { ...known, chosen: picked.map(({ label }) => label), rewards: [] };
};

/** One reward as `name: expression`, checked as the file would be. */
function rewardQuestion(index: number): Question {
  return async (known, place) => {
    const before = (known.rewards ?? []).slice(0, index);
    const problemOf = (text: string): string | null => {
      const entry = parseRewardEntry(text);
      if (!entry) return l10n.t('Write name: expression, such as cautious: velocity - 2 * energy');
      if (before.some(({ name }) => name === entry.name)) return l10n.t('There is a reward "{0}" already.', entry.name);
      return draftProblem(draftOf({ ...known, rewards: [...before, entry] }));
    };
    const text = await askText(place, l10n.t('Reward {0} of {1}, an expression over metrics, the rewards before it and progress', index + 1, known.chosen!.length), known.chosen![index]!, problemOf);
    return text === null || text === back ? text : { ...known, rewards: [...before, parseRewardEntry(text)!] };
  };
}

const askSteps: Question = async (known, place) => {
  const { steps, unit } = known.starter!;
  const problemOf = (text: string) => (/^[1-9]\d{0,11}$/.test(text.trim()) ? null : l10n.t('A whole number of at least 1.'));
  const text = await askText(place, l10n.t('Length of each expert\'s training, in {0}', unit), String(steps), problemOf);
  return text === null || text === back ? text : { ...known, steps: Number(text) };
};

function nameQuestion(folder: vscode.Uri): Question {
  return async (known, place) => {
    const there = await Promise.resolve(vscode.workspace.fs.readDirectory(vscode.Uri.joinPath(folder, 'runs'))).catch(() => []);
    const isTaken = (name: string): boolean => there.some(([entry]) => entry.toLowerCase() === name.toLowerCase());
    const problemOf = (name: string): string | null => (isTaken(name) ? l10n.t('runs/{0} is there already.', name) : draftProblem(draftOf({ ...known, name })));
    const text = await askText(place, l10n.t('Name of the experiment: its runs go to runs/<name>'), freeName(known.starter!.label, isTaken), problemOf);
    return text === null || text === back ? text : { ...known, name: text };
  };
}

function freeName(name: string, isTaken: (name: string) => boolean): string {
  for (let copy = 1; ; copy++) {
    const candidate = copy === 1 ? name : `${name}-${copy}`;
    if (!isTaken(candidate)) return candidate;
  }
}

/** The draft, with what has not been asked yet as proposed. */
function draftOf({ starter, prompts, start, rewards, steps, name }: Answers): ExperimentDraft {
  return {
    name: name ?? 'experiment',
    starter: starter!,
    prompts: prompts ?? null,
    start: start ?? { from: 'scratch' },
    rewards: Object.fromEntries((rewards ?? []).map((reward) => [reward.name, reward.expression])),
    steps: steps ?? starter!.steps,
  };
}

function fileQuestion(placeholder: string, pattern: string, folder: vscode.Uri, take: (known: Answers, file: string) => Answers): Question {
  return async (known, place) => {
    const file = await pickFile(place, placeholder, pattern, folder);
    return file === null || file === back ? file : take(known, file);
  };
}

/** A file of the workspace or of the disk, relative to the folder and with / between its parts. */
async function pickFile(place: Place, placeholder: string, pattern: string, folder: vscode.Uri): Promise<string | typeof back | null> {
  const found = async () => [
    ...(await findLocalFiles(pattern, '**/{node_modules,runs}/**', 500)).map(({ fsPath }) => ({ label: vscode.workspace.asRelativePath(fsPath), file: fsPath })),
    { label: l10n.t('Browse…'), file: null },
  ];
  const picked = await choose(place, placeholder, found());
  if (picked === null || picked === back) return picked;
  return picked.file === null ? browse(l10n.t('Choose'), false, folder) : relativeTo(folder, picked.file);
}

async function browse(openLabel: string, isFolder: boolean, folder: vscode.Uri): Promise<string | null> {
  const [chosen] = (await vscode.window.showOpenDialog({ openLabel, canSelectFolders: isFolder, canSelectFiles: !isFolder, defaultUri: folder })) ?? [];
  return chosen ? relativeTo(folder, chosen.fsPath) : null;
}

function relativeTo(folder: vscode.Uri, file: string): string {
  return path.relative(folder.fsPath, file).split(path.sep).join('/');
}
