// Entry point of the thread that reads for the checkpoint views and blend panels: dist/reader.js.
import { measuredMean } from '../../analysis/measured-mean';
import { readResults } from '../../analysis/read-results';
import { selectWeights } from '../../analysis/selection';
import { selectionText } from '../../analysis/selection-text';
import { serveWork } from '../../checkpoint/worker/serve-work';
import { Evaluations } from '../checkpoint-tree/evaluations';
import { measuredPoints } from '../panels/results-reader';
import { inspectHeader, readHeaders, summaries } from './headers';
import { withFile } from './safetensors';
import type { MeanPoint, PreferredWeights, ReaderResults, ReaderWork } from './work';

const evaluations = new Evaluations();

serveWork<ReaderWork>(async (work): Promise<ReaderResults[ReaderWork['kind']]> => {
  switch (work.kind) {
    case 'summaries':
      return summaries(work.checkpoints, evaluations);
    case 'headers':
      return readHeaders(work.checkpoints, evaluations);
    case 'inspection':
      return inspectHeader(work.checkpoint, evaluations);
    case 'file':
      return withFile(work.file, (file) => {
        const { tensors, ...head } = file.shown();
        return { head, tensorsJson: JSON.stringify(tensors) };
      });
    case 'header-json':
      return withFile(work.file, (file) => file.headerJson());
    case 'values':
      return withFile(work.file, (file) => file.values(work.tensor, work.slice));
    case 'values-json':
      return withFile(work.file, (file) => file.valuesJson(work.tensor, work.slice));
    case 'tensor':
      return withFile(work.file, (file) => file.place(work.tensor));
    case 'means':
      return meansOf(work.results);
    case 'preference':
      return preferred(work.results, work.expression);
  }
});

async function meansOf(results: string): Promise<MeanPoint[]> {
  const points = await measuredPoints(results);
  return points.map(({ kind, weights, rewards }) => ({ kind, weights, rewards: Object.fromEntries(Object.entries(rewards).map(([reward, measurement]) => [reward, measuredMean(measurement, 0.05)])) }));
}

/** The λ of a sweep that fits a preference best. @throws what reading the results and selecting throw */
async function preferred(results: string, expression: string): Promise<PreferredWeights> {
  const selection = selectWeights(await readResults(results), expression);
  return { weights: selection.weights, lines: selectionText(selection) };
}
