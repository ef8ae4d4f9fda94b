import path from 'node:path';
import { experimentOfPath } from '../checkpoint-tree/groups';
import { parseWeights, resolveWeights } from '../../merge/weights';

/** Equal weights as text that sums to 1, by name: `risky=0.5, cautious=0.5`; by position where a name would not parse. */
export function uniformWeights(names: readonly string[]): string {
  const share = Number((1 / names.length).toFixed(4));
  const last = Number((1 - share * (names.length - 1)).toFixed(4));
  const shares = names.map((_, index) => (index === names.length - 1 ? last : share));
  const isPlain = names.every((name) => !name.includes(',') && name === name.trim());
  return shares.map((weight, index) => (isPlain ? `${names[index]}=${weight}` : weight)).join(', ');
}

/** What is wrong with weights as they are typed, by the rules of the command line, or null. */
export function weightsProblem(text: string, names: readonly string[]): string | null {
  try {
    resolveWeights(parseWeights(text), names);
    return null;
  } catch (error) {
    // what follows the dash may advise options that only the command line has
    return error instanceof Error ? error.message.replace(/^weights: /, '').replace(/ — pass --.*$/, '') : String(error);
  }
}

/** The directory in which a soup of these inputs is made: their experiment's `soups/`, else beside the first input. */
export function soupFolder(paths: readonly string[]): string {
  const experiments = new Set(paths.map(experimentOfPath));
  const [experiment] = experiments;
  return experiments.size === 1 && experiment ? path.join(experiment, 'soups') : path.dirname(paths[0]!);
}

/** A name that tells what is in the soup, and that is not taken: `risky-0.3-cautious-0.7`. */
export function proposedSoupName(names: readonly string[], weights: readonly number[], isTaken: (name: string) => boolean): string {
  const parts = names.map((name, index) => `${name}-${Number(weights[index]!.toFixed(4))}`);
  const whole = parts.join('-').replace(/[^\w.-]+/g, '_');
  const name = whole.length <= 80 ? whole : `soup-of-${names.length}`;
  for (let copy = 1; ; copy++) {
    const candidate = copy === 1 ? name : `${name}-${copy}`;
    if (!isTaken(candidate)) return candidate;
  }
}

/** What is wrong with a soup's name, or null. */
export function soupNameProblem(name: string, isTaken: (name: string) => boolean): string | null {
  if (name.trim() === '') return 'Give the soup a name.';
  if (name !== name.trim() || /[\\/:*?"<>|]/.test(name) || /^\.+$/.test(name)) return 'A name of a directory, without separators and without any of : * ? " < > |';
  return isTaken(name) ? `${name} is there already.` : null;
}
