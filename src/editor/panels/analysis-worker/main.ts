import { serveWork } from '../../../checkpoint/worker/serve-work';
import { measuredPoints } from '../results-reader';
import { analyseFront } from './front';
import { analyseLmc } from './lmc-check';
import type { AnalysisWork } from './work';

serveWork<AnalysisWork>(async ({ kind, results, settings }) => {
  const points = await measuredPoints(results);
  return kind === 'front' ? analyseFront(points, settings) : analyseLmc(points, settings);
});
