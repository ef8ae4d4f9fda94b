import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { metricsOf } from '../../experiment/metrics';
import { draftProblem, parseRewardEntry } from '../../experiment/new-experiment/reward-entry';
import { starters, type Starter } from '../../experiment/new-experiment/starters';
import { tokenizerFacts } from '../../experiment/new-experiment/tokenizer-facts';
import { writeExperiment, type ExperimentDraft, type Start } from '../../experiment/new-experiment/write-experiment';
import { checkpointDescription } from '../checkpoint-tree/appearance';
import type { CheckpointIndex } from '../checkpoint-tree/checkpoint-index';
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
    const folder = clicked instanceof vscode.Uri ? clicked : vscode.workspace.workspaceFolders?.[0]?.uri;
    if (!folder) {
      const answer = await vscode.window.showInformationMessage('An experiment is a file in a folder, which its runs go to as well: open a folder first.', 'Open Folder');
      if (answer) await vscode.commands.executeCommand('vscode.openFolder');
      return;
    }
    const answers = await stepByStep<Answers>('New Experiment', {}, (known) => this.questions(known, folder));
    if (!answers) return;
    const file = await freeFile(folder, answers.name!);
    await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(writeExperiment(draftOf(answers))));
    await vscode.window.showTextDocument(file);
  }

  private questions({ starter, start, chosen }: Answers, folder: vscode.Uri): readonly Question[] {
    const isText = starter?.task === 'text';
    return [
      askTask,
      ...(isText ? [fileQuestion('File of prompts: .txt with one a line, or .jsonl with prompt, reference and source', '**/*.{jsonl,txt}', folder, (known, prompts) => ({ ...known, prompts }))] : []),
      (known, place) => this.askStart(known, place, folder),
      ...(start?.from === 'corpus' ? [fileQuestion('Text that the model learns first: .txt with one text a line, or .jsonl', '**/*.{txt,jsonl}', folder, withCorpus)] : []),
      askRewards,
      ...(chosen ?? ['', '']).map((_, index) => rewardQuestion(index)),
      askSteps,
      nameQuestion(folder),
    ];
  }

  private async askStart(known: Answers, place: Place, folder: vscode.Uri): Promise<Answers | typeof back | null> {
    const isText = known.starter!.task === 'text';
    const scratch = isText
      ? { label: 'A new language model', detail: 'A small LLaMA of random weights that learns a text first; it needs a tokenizer.', start: 'corpus' as const }
      : { label: 'From scratch', detail: 'A base is trained first, and every expert starts from it.', start: 'scratch' as const };
    const items = async () => [
      scratch,
      { label: 'Browse…', detail: 'A checkpoint directory on this machine.', start: 'browse' as const },
      ...(await this.checkpoints.loaded()).flatMap((entry) => ('type' in entry || entry.storage === 'file' ? [] : [{ label: path.basename(entry.path), description: checkpointDescription(entry), detail: vscode.workspace.asRelativePath(entry.path), start: entry.path }])),
    ];
    const picked = await choose(place, 'What every expert starts from', items());
    if (picked === null || picked === back) return picked;
    if (picked.start === 'scratch') return { ...known, start: { from: 'scratch' } };
    if (picked.start === 'corpus') return askTokenizer(known, place, folder);
    const directory = picked.start === 'browse' ? await browse('Start from This Directory', true, folder) : relativeTo(folder, picked.start);
    return directory === null ? null : { ...known, start: { from: 'checkpoint', directory } };
  }
}

const askTask: Question = async (known, place) => {
  const picked = await choose(place, 'What is learned', starters.map((starter) => ({ label: starter.label, description: starter.task === starter.label ? '' : starter.task, detail: starter.detail, starter })));
  return picked === null || picked === back ? picked : { ...known, starter: picked.starter };
};

async function askTokenizer(known: Answers, place: Place, folder: vscode.Uri): Promise<Answers | typeof back | null> {
  const file = await pickFile(place, 'Tokenizer of the new model', '**/tokenizer.json', folder);
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
  const suggested = Object.entries(rewards).map(([name, expression]) => ({ label: `${name}: ${expression}`, description: 'suggested', picked: true }));
  const metrics = metricsOf({ task: { type: task } }).map(({ name, unit, description }) => ({ label: `${name}: ${name}`, description: unit === '' ? 'metric' : `metric, ${unit}`, detail: description }));
  const picked = await chooseMany(place, 'Two rewards or more; the next steps ask for their expressions', [...suggested, ...metrics], 2);
  return picked === null || picked === back ? picked : { ...known, chosen: picked.map(({ label }) => label), rewards: [] };
};

/** One reward as `name: expression`, checked as the file would be. */
function rewardQuestion(index: number): Question {
  return async (known, place) => {
    const before = (known.rewards ?? []).slice(0, index);
    const problemOf = (text: string): string | null => {
      const entry = parseRewardEntry(text);
      if (!entry) return 'Write name: expression, such as cautious: velocity - 2 * energy';
      if (before.some(({ name }) => name === entry.name)) return `There is a reward "${entry.name}" already.`;
      return draftProblem(draftOf({ ...known, rewards: [...before, entry] }));
    };
    const text = await askText(place, `Reward ${index + 1} of ${known.chosen!.length}, an expression over metrics, the rewards before it and progress`, known.chosen![index]!, problemOf);
    return text === null || text === back ? text : { ...known, rewards: [...before, parseRewardEntry(text)!] };
  };
}

const askSteps: Question = async (known, place) => {
  const { steps, unit } = known.starter!;
  const problemOf = (text: string) => (/^[1-9]\d{0,11}$/.test(text.trim()) ? null : 'A whole number of at least 1.');
  const text = await askText(place, `Length of each expert's training, in ${unit}`, String(steps), problemOf);
  return text === null || text === back ? text : { ...known, steps: Number(text) };
};

function nameQuestion(folder: vscode.Uri): Question {
  return async (known, place) => {
    const there = await Promise.resolve(vscode.workspace.fs.readDirectory(vscode.Uri.joinPath(folder, 'runs'))).catch(() => []);
    const isTaken = (name: string): boolean => there.some(([entry]) => entry.toLowerCase() === name.toLowerCase());
    const problemOf = (name: string): string | null => (isTaken(name) ? `runs/${name} is there already.` : draftProblem(draftOf({ ...known, name })));
    const text = await askText(place, 'Name of the experiment: its runs go to runs/<name>', freeName(known.starter!.label, isTaken), problemOf);
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
    ...(await vscode.workspace.findFiles(pattern, '**/{node_modules,runs}/**', 500)).map(({ fsPath }) => ({ label: vscode.workspace.asRelativePath(fsPath), file: fsPath })),
    { label: 'Browse…', file: null },
  ];
  const picked = await choose(place, placeholder, found());
  if (picked === null || picked === back) return picked;
  return picked.file === null ? browse('Choose', false, folder) : relativeTo(folder, picked.file);
}

async function browse(openLabel: string, isFolder: boolean, folder: vscode.Uri): Promise<string | null> {
  const [chosen] = (await vscode.window.showOpenDialog({ openLabel, canSelectFolders: isFolder, canSelectFiles: !isFolder, defaultUri: folder })) ?? [];
  return chosen ? relativeTo(folder, chosen.fsPath) : null;
}

function relativeTo(folder: vscode.Uri, file: string): string {
  return path.relative(folder.fsPath, file).split(path.sep).join('/');
}

/** `soup.yaml`, or where there is one, `<name>.soup.yaml`, numbered as needed. */
async function freeFile(folder: vscode.Uri, name: string): Promise<vscode.Uri> {
  for (let copy = 0; ; copy++) {
    const file = vscode.Uri.joinPath(folder, copy === 0 ? 'soup.yaml' : `${name}${copy === 1 ? '' : `-${copy}`}.soup.yaml`);
    try {
      await vscode.workspace.fs.stat(file);
    } catch {
      return file;
    }
  }
}
