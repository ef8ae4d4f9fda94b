import { resumable, runContext, stoppable } from '../../../../src/editor/run-tree/run-context';
import { experiment, run } from './fixtures';

const keys = (...experiments: Parameters<typeof runContext>[0]) => Object.entries(runContext(experiments)).flatMap(([key, value]) => (value ? [key.replace('rewardedSoups.', '')] : []));

test('the palette is told what there is among the runs', () => {
  expect(keys()).toEqual([]);
  expect(keys(experiment('succeeded', [run('base', 'base', 'succeeded')]))).toEqual(['hasRuns']);
  expect(keys(experiment('running', [run('base', 'base', 'running'), run('expert', 'risky', 'queued')]))).toEqual(['hasRuns', 'isRunning']);
  expect(keys(experiment('failed', [run('base', 'base', 'failed')]))).toEqual(['hasRuns', 'isResumable']);
  expect(keys({ ...experiment('succeeded', []), isStudy: true })).toEqual(['hasRuns', 'hasStudies']);
});

test('a run that waits for its turn is stopped with its experiment; a cell goes on with its study', () => {
  const [base, risky] = [run('base', 'base', 'running'), run('expert', 'risky', 'queued')];
  const running = experiment('running', [base, risky]);
  expect(stoppable([running])).toEqual([running, base]);
  const stopped = experiment('stopped', []);
  expect(resumable([running, stopped, { ...stopped, study: '/w/runs/study' }])).toEqual([stopped]);
});
