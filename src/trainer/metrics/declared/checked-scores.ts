import { SoupError } from '../../../errors';

/**
 * The scores that somebody else's code gave, one finite number a sample.
 * @throws SoupError ForeignScoresError
 */
export function checkedScores(name: string, origin: string, scores: unknown, count: number): number[] {
  const list = ArrayBuffer.isView(scores) ? [...(scores as Float64Array)] : scores;
  const problem = Array.isArray(list) ? problemOf(list, count) : `gave ${list === undefined ? 'no scores' : typeof list}`;
  if (problem !== null) throw new SoupError('ForeignScoresError', `metrics.${name}: ${origin} ${problem}; a list of as many finite numbers as samples is expected.`, { isInput: false });
  return list as number[];
}

function problemOf(list: readonly unknown[], count: number): string | null {
  if (list.length !== count) return `gave ${list.length} scores for ${count} samples`;
  const wrong = list.find((score) => typeof score !== 'number' || !Number.isFinite(score));
  // JSON has no NaN
  return wrong === undefined && !list.includes(undefined) ? null : `gave ${typeof wrong === 'number' ? String(wrong) : JSON.stringify(wrong)} as a score`;
}
