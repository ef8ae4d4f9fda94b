import { serveWork } from '../../../checkpoint/worker/serve-work';
import { measuredPoints } from '../results-reader';
import { analyseFront, analyseFrontIntervals } from './front';
import { analyseLmc } from './lmc-check';
import { spiderPoints } from './spider-map';
import { StudyAnalysis } from './study';
import type { AnalysisResults, AnalysisWork } from './work';

/** by source, for what they have read */
const studies = new Map<string, StudyAnalysis>();

serveWork<AnalysisWork>(async (work) => JSON.stringify(await carryOut(work)));

async function carryOut(work: AnalysisWork): Promise<AnalysisResults[AnalysisWork['kind']]> {
  if (work.kind === 'study') return studyOf(work.source).snapshot();
  const points = await measuredPoints(work.results);
  switch (work.kind) {
    case 'front':
      return analyseFront(points, work);
    case 'front-intervals':
      return analyseFrontIntervals(points, work.settings);
    case 'lmc-check':
      return analyseLmc(points, work.settings);
    case 'spider-map':
      return spiderPoints(points);
  }
}

function studyOf(source: string): StudyAnalysis {
  const study = studies.get(source) ?? new StudyAnalysis(source);
  studies.set(source, study);
  return study;
}
