import { existsSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { openCheckpoint, type Checkpoint } from '../../checkpoint/checkpoint';
import { nameCheckpoints } from '../../checkpoint/names';
import { blend, type BlendProgress } from '../../merge/blend';
import { preflight } from '../../merge/preflight';
import { parseWeights, resolveWeights } from '../../merge/weights';
import { checkpointDescription } from '../checkpoint-tree/appearance';
import type { CheckpointIndex } from '../checkpoint-tree/checkpoint-index';
import { commands } from '../contributions';
import { cancellableProgress, wholeFraction, type Shares } from './cancellable-progress';
import { checkpointPathsOf } from './checkpoint-arguments';
import { proposedSoupName, soupFolder, soupNameProblem, uniformWeights, weightsProblem } from './soup-request';

/** **Create Soup…**: from a selection in the tree or the Explorer, from the palette, or with the weights of a panel. */
export class CreateSoup {
  constructor(
    private readonly checkpoints: CheckpointIndex,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  /** The command: asks for whatever its call does not say. */
  async run(clicked?: unknown, selection?: unknown): Promise<void> {
    const selected = checkpointPathsOf(clicked, selection);
    const paths = selected.length >= 2 ? selected : await this.pick(selected);
    if (paths) await this.create(paths, null);
  }

  /**
   * Asks for weights, where they are not given, and a name, and writes the soup. Cancelling any question ends it.
   * @param weights by expert name
   */
  async create(paths: readonly string[], weights: Readonly<Record<string, number>> | null): Promise<void> {
    try {
      const inputs = await Promise.all(paths.map((at) => openCheckpoint(at)));
      const named = nameCheckpoints(inputs);
      const names = named.map(({ name }) => name);
      if (!(await acceptWarnings(await preflight(named, null)))) return;
      const lambda = weights ? resolveWeights(weights, names) : await askWeights(names);
      const output = lambda && (await askOutput(paths, names, lambda));
      if (lambda && output) await this.write(inputs, lambda, output);
    } catch (error) {
      await this.report(error);
    }
  }

  private async pick(preselected: readonly string[]): Promise<string[] | null> {
    const found = (await this.checkpoints.loaded()).flatMap((entry) => ('type' in entry ? [] : [entry]));
    const items = found.map((summary) => ({
      label: path.basename(summary.path),
      description: checkpointDescription(summary),
      detail: vscode.workspace.asRelativePath(summary.path),
      picked: preselected.includes(summary.path),
      path: summary.path,
    }));
    if (items.length < 2) {
      void vscode.window.showInformationMessage('A soup needs at least two checkpoints; this workspace has fewer.');
      return null;
    }
    const picked = await vscode.window.showQuickPick(items, { title: 'Create Soup', placeHolder: 'Choose two or more checkpoints to blend', canPickMany: true, matchOnDetail: true });
    if (!picked) return null;
    if (picked.length >= 2) return picked.map((item) => item.path);
    void vscode.window.showInformationMessage('A soup needs at least two checkpoints.');
    return null;
  }

  private async write(inputs: readonly Checkpoint[], weights: readonly number[], output: string): Promise<void> {
    const name = path.basename(output);
    const summary = await cancellableProgress(`Creating soup ${name}`, (signal, report) => blend({
      inputs: inputs.map((input) => input.path),
      weights,
      method: 'linear',
      output,
      signal,
      onProgress: (progress) => report(wholeFraction(shareOfWork, progress)),
    }));
    if (!summary) return;
    this.log.info(`Created the soup ${output}.`);
    for (const warning of summary.warnings) this.log.warn(`${name}: ${warning}`);
    const answer = await vscode.window.showInformationMessage(`Soup ${name} created.`, 'Inspect', 'Reveal');
    if (answer === 'Inspect') await vscode.commands.executeCommand(commands.inspectCheckpoint, vscode.Uri.file(output));
    if (answer === 'Reveal') await vscode.commands.executeCommand('revealInExplorer', vscode.Uri.file(path.join(output, 'model.safetensors')));
  }

  private async report(error: unknown): Promise<void> {
    const message = error instanceof Error ? error.message : String(error);
    this.log.error(`Create Soup: ${message}`);
    if ((await vscode.window.showErrorMessage(`No soup was created: ${message}`, 'Show Log')) === 'Show Log') this.log.show();
  }
}

/** Share of a blend's time that each phase takes, roughly: hashing and blending each read the inputs once. */
const shareOfWork: Shares<BlendProgress['phase']> = {
  hash: { from: 0, size: 0.45 },
  blend: { from: 0.45, size: 0.5 },
  verify: { from: 0.95, size: 0.05 },
};

/** Whether the user goes on in spite of what the preflight found doubtful. */
async function acceptWarnings(warnings: readonly string[]): Promise<boolean> {
  if (warnings.length === 0) return true;
  const goOn = 'Create Anyway';
  return (await vscode.window.showWarningMessage('These checkpoints may not make a useful soup.', { modal: true, detail: warnings.join('\n\n') }, goOn)) === goOn;
}

async function askWeights(names: readonly string[]): Promise<number[] | null> {
  const text = await vscode.window.showInputBox({
    title: 'Create Soup (1/2): weights',
    prompt: `λ by name, or numbers for ${names.join(', ')} in this order: each at least 0, together 1`,
    value: uniformWeights(names),
    ignoreFocusOut: true,
    validateInput: (value) => weightsProblem(value, names),
  });
  return text === undefined ? null : resolveWeights(parseWeights(text), names);
}

async function askOutput(paths: readonly string[], names: readonly string[], weights: readonly number[]): Promise<string | null> {
  const folder = soupFolder(paths);
  const isTaken = (name: string): boolean => existsSync(path.join(folder, name));
  const name = await vscode.window.showInputBox({
    title: 'Create Soup (2/2): output name',
    prompt: `Output name: the soup becomes a directory of this name in ${vscode.workspace.asRelativePath(folder)}`,
    value: proposedSoupName(names, weights, isTaken),
    ignoreFocusOut: true,
    validateInput: (value) => soupNameProblem(value, isTaken),
  });
  return name === undefined ? null : path.join(folder, name);
}
