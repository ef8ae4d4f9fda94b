// Entry point of the thread that reads headers and results for blend panels: dist/blend-reader.js.
import { readResults } from '../../../analysis/read-results';
import { selectWeights } from '../../../analysis/selection';
import { selectionText } from '../../../analysis/selection-text';
import { serveWork } from '../../../checkpoint/worker/serve-work';
import { measuredPoints } from '../../panels/results-reader';
import { readHeaders } from './headers';
import type { MeanPoint, PreferredWeights, ReaderResults, ReaderWork } from './work';

serveWork<ReaderWork>(async (work): Promise<ReaderResults[ReaderWork['kind']]> => {
  switch (work.kind) {
    case 'headers':
      return readHeaders(work.checkpoints);
    case 'means':
      return meansOf(work.results);
    case 'preference':
      return preferred(work.results, work.expression);
  }
});

async function meansOf(results: string): Promise<MeanPoint[]> {
  const points = await measuredPoints(results);
  return points.map(({ kind, weights, rewards }) => ({ kind, weights, rewards: Object.fromEntries(Object.entries(rewards).map(([reward, { mean }]) => [reward, mean])) }));
}

/** The λ of a sweep that fits a preference best. @throws what reading the results and selecting throw */
async function preferred(results: string, expression: string): Promise<PreferredWeights> {
  const selection = selectWeights(await readResults(results), expression);
  return { weights: selection.weights, lines: selectionText(selection) };
}
