import { simplexGrid } from '../../experiment/simplex-grid';
import type { Evidence, Finding } from '../diagnosis';
import { weightsText } from '../simplex';
import { number } from '../verdict-text';
import { scaledFront } from './scaled-front';

/** How far below the best point of every linear preference counts, as a share of the range of the rewards. */
const depthShare = 0.05;
/** Divisions of the grid of linear preferences, by the number of rewards. */
const divisions = [0, 0, 200, 40, 16];

/**
 * Points of the front in a dent: not dominated, yet no linear preference chooses them, because for each μ another point is
 * better. There Σ μᵢRᵢ, which trains MORL runs and picks soups, misses trade-offs that exist.
 */
export function frontNotConvex({ points, front }: Evidence): Finding[] {
  const rewards = Object.keys(front.reference);
  const steps = divisions[rewards.length];
  if (!steps) return [];
  const scaled = scaledFront(points, rewards);
  const members = points.filter((point, index) => (point.kind === 'soup' || point.kind === 'expert') && !front.points[index].dominated);
  const values = members.map(scaled);
  const depths = members.map(() => Infinity);
  for (const preference of simplexGrid(rewards, steps + 1)) {
    const utilities = values.map((value) => rewards.reduce((sum, reward, axis) => sum + preference[reward] * value[axis], 0));
    const best = Math.max(...utilities);
    for (const [index, utility] of utilities.entries()) depths[index] = Math.min(depths[index], best - utility);
  }
  const dented = members.map((point, index) => ({ point, depth: depths[index] })).filter(({ depth }) => depth > depthShare);
  if (dented.length === 0) return [];
  const deepest = dented.reduce((most, one) => (one.depth > most.depth ? one : most));
  const where = deepest.point.weights ? weightsText(deepest.point.weights) : deepest.point.name;
  return [{ kind: 'front-misspecified', severity: 'warning', evidence: `the front is not convex: no linear preference chooses ${dented.length} of its ${members.length} points, deepest ${where}, ${number(deepest.depth)} of the range below the others`, advice: 'choose there with a preference that is not linear, such as min(a, b), and train MORL runs on such a one' }];
}
