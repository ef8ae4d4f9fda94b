import path from 'node:path';
import { experimentOfPath } from '../checkpoint-tree/groups';

/** The directory in which a soup of these inputs is made: their experiment's `soups/`, else beside the first input. */
export function soupFolder(paths: readonly string[]): string {
  const experiments = new Set(paths.map(experimentOfPath));
  const [experiment] = experiments;
  return experiments.size === 1 && experiment ? path.join(experiment, 'soups') : path.dirname(paths[0]!);
}

/**
 * A name that tells what is in the soup, and that is not taken: `risky-0.3-cautious-0.7`, `ties-risky-1-cautious-1`.
 * @param weights null where the method takes none
 */
export function proposedSoupName(method: string, names: readonly string[], weights: readonly number[] | null, isTaken: (name: string) => boolean): string {
  const parts = names.map((name, index) => (weights === null ? name : `${name}-${Number(weights[index]!.toFixed(4))}`));
  const whole = [...(method === 'linear' ? [] : [method]), ...parts].join('-').replace(/[^\w.-]+/g, '_');
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
