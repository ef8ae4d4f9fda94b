import { SoupError } from '../../../errors';

/**
 * The scores that somebody else's code gave, one finite number a sample.
 * @throws SoupError ForeignScoresError
 */
export function checkedScores(name: string, origin: string, scores: unknown, count: number): number[] {
  const list = ArrayBuffer.isView(scores) ? [...(scores as Float64Array)] : scores;
  const problem = !Array.isArray(list)
    ? `gave ${list === undefined ? 'no scores' : typeof list}`
    : list.length !== count
      ? `gave ${list.length} scores for ${count} samples`
      : list.some((score) => typeof score !== 'number' || !Number.isFinite(score)) ? `gave ${JSON.stringify(list.find((score) => typeof score !== 'number' || !Number.isFinite(score)))} as a score` : null;
  if (problem !== null) throw new SoupError('ForeignScoresError', `metrics.${name}: ${origin} ${problem}; a list of as many finite numbers as samples is expected.`, { isInput: false });
  return list as number[];
}
