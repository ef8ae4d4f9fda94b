import type { Evidence, Finding } from '../diagnosis';
import type { ResultPoint } from '../results';

const signature = ({ rewards }: ResultPoint): string => JSON.stringify(Object.entries(rewards).map(([name, { mean, samples }]) => [name, samples ?? mean]));

/** All λ give the same values, or an expert those of the base: nothing of the experts was loaded (Ramé et al.'s code loads adapters without checking their keys). */
export function identicalPoints({ points }: Evidence): Finding[] {
  const blended = points.filter(({ kind }) => kind === 'soup' || kind === 'expert');
  const advice = 'compare the experts with `soup compare`, and look with `soup inspect` whether the adapter names the layers of this base';
  const init = points.find(({ kind }) => kind === 'init');
  if (blended.length > 1 && new Set(blended.map(signature)).size === 1) {
    const isBase = init !== undefined && signature(init) === signature(blended[0]);
    return [{ kind: 'identical-points', severity: 'problem', evidence: `all ${blended.length} soups and experts have the same values${isBase ? ', those of the base' : ''}: the experts' weights were not loaded, or are the same`, advice }];
  }
  const unchanged = init ? points.filter((point) => point.kind === 'expert' && signature(point) === signature(init)) : [];
  return unchanged.map(({ name }): Finding => ({ kind: 'identical-points', severity: 'problem', evidence: `the expert ${name} has exactly the values of the base: its weights were not loaded, or never trained`, advice }));
}
