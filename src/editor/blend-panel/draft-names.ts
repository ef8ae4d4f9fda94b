import { existsSync } from 'node:fs';
import path from 'node:path';
import { expertIndices, takesWeights, type BlendDraft } from '../../merge/blend-draft';
import { findMethod } from '../../merge/methods/registry';
import { proposedSoupName } from '../commands/soup-request';
import type { OpenedSetup } from './blend-setup';

/** Whether a soup's name is in use where the soups of a panel are made. */
export function isTaken({ folder }: OpenedSetup, name: string): boolean {
  return existsSync(path.join(folder, name));
}

/** A free name that tells what a draft blends. */
export function proposedName(opened: OpenedSetup, draft: BlendDraft): string {
  const method = findMethod(draft.method);
  const experts = expertIndices({ ...draft, inputs: opened.setup.inputs.map(({ path: at }) => at) }, method);
  const weights = takesWeights(method) && draft.curves === null ? experts.map((index) => draft.weights[index] ?? 0) : null;
  return proposedSoupName(method.name, experts.map((index) => opened.setup.inputs[index]!.name), weights, (name) => isTaken(opened, name));
}
