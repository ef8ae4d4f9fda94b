import { expertsOf } from '../experiment/experts';
import type { Experiment } from '../experiment/schema';
import { simplexGrid } from '../experiment/simplex-grid';

type Weights = Record<string, number>;

/**
 * MORL trainings on a grid of μ, without its corners: a training on one reward alone is that reward's expert.
 * @param edge points on each edge of the simplex, corners included
 */
export function scalarisedRuns(experiment: Experiment, edge: number): { readonly weights: Weights }[] {
  return simplexGrid(namesOf(experiment), edge).filter((weights) => !Object.values(weights).includes(1)).map((weights) => ({ weights }));
}

/** As many MORL trainings as there are experts, each leaning twice as much to one reward as to any other. */
export function leaningRuns(experiment: Experiment): { readonly weights: Weights }[] {
  const names = namesOf(experiment);
  return names.map((favourite) => ({ weights: Object.fromEntries(names.map((name) => [name, (name === favourite ? 2 : 1) / (names.length + 1)])) }));
}

/** The coarsest grid of λ that is at least as fine as asked for and holds every point of the grid of μ. */
export function gridOver(edge: number, atLeast: number): number {
  return (edge - 1) * Math.ceil((atLeast - 1) / (edge - 1)) + 1;
}

const namesOf = (experiment: Experiment): string[] => expertsOf(experiment).map(({ name }) => name);
