import { outcomeText } from '../../../../src/editor/commands/outcome-text';
import { OutcomeWatch } from '../../../../src/editor/run-tree/outcomes';
import { experiment, run } from './fixtures';

test('what had ended before the first look is no news', () => {
  const watch = new OutcomeWatch();
  expect(watch.observe([experiment('failed', [run('expert', 'risky', 'failed')])])).toEqual([]);
});

test('the end of an experiment is told once', () => {
  const watch = new OutcomeWatch();
  watch.observe([experiment('running', [run('base', 'base', 'running')])]);
  const done = [experiment('succeeded', [run('base', 'base', 'succeeded')])];
  expect(watch.observe(done)).toMatchObject([{ type: 'experiment-ended', state: 'succeeded' }]);
  expect(watch.observe(done)).toEqual([]);
});

test('a run that is lost while the others go on is told at once, the end of the experiment later', () => {
  const watch = new OutcomeWatch();
  watch.observe([experiment('running', [run('expert', 'risky', 'running'), run('expert', 'cautious', 'running')])]);
  const [first] = watch.observe([experiment('running', [run('expert', 'risky', 'lost'), run('expert', 'cautious', 'running')])]);
  expect(outcomeText(first)).toMatchObject({ severity: 'error', actions: ['Show Log'] });
  expect(outcomeText(first).message).toMatch(/demo: risky was killed.*Resume goes on from there once the other runs have ended/);
  const later = watch.observe([experiment('failed', [run('expert', 'risky', 'failed'), run('expert', 'cautious', 'succeeded')])]);
  expect(later).toMatchObject([{ type: 'experiment-ended', state: 'failed' }]);
  expect(outcomeText(later[0]).actions).toContain('Resume');
});

test('an experiment that fails together with its run is told through the run', () => {
  const watch = new OutcomeWatch();
  watch.observe([experiment('running', [run('expert', 'risky', 'running')])]);
  const outcomes = watch.observe([experiment('failed', [run('expert', 'risky', 'failed', { error: { name: 'X', message: 'the loss is NaN' } })])]);
  expect(outcomes.map(outcomeText)).toEqual([{ severity: 'error', message: 'demo: risky failed: the loss is NaN', actions: ['Resume', 'Show Log'] }]);
});

test('the only run at work is killed and its experiment fails a moment later: that is told once', () => {
  const watch = new OutcomeWatch();
  watch.observe([experiment('running', [run('base', 'base', 'running')])]);
  expect(watch.observe([experiment('running', [run('base', 'base', 'failed', { signal: 'SIGKILL' })])])).toEqual([]);
  const outcomes = watch.observe([experiment('failed', [run('base', 'base', 'failed', { signal: 'SIGKILL' })])]);
  expect(outcomes.map(outcomeText)).toMatchObject([{ message: expect.stringContaining('demo: base was ended by SIGKILL'), actions: ['Resume', 'Show Log'] }]);
  expect(watch.observe([experiment('failed', [run('base', 'base', 'failed', { signal: 'SIGKILL' })])])).toEqual([]);
});

test('a failure that was held back is told when another run starts instead', () => {
  const watch = new OutcomeWatch();
  watch.observe([experiment('running', [run('expert', 'risky', 'running')])]);
  expect(watch.observe([experiment('running', [run('expert', 'risky', 'failed')])])).toEqual([]);
  const going = [experiment('running', [run('expert', 'risky', 'failed'), run('expert', 'cautious', 'running')])];
  expect(watch.observe(going)).toMatchObject([{ type: 'run-failed', run: { record: { name: 'risky' } } }]);
  expect(watch.observe(going)).toEqual([]);
});

test('a start after a failure is news again', () => {
  const watch = new OutcomeWatch();
  for (const state of ['running', 'failed', 'running'] as const) watch.observe([experiment(state, [])]);
  expect(watch.observe([experiment('failed', [])])).toHaveLength(1);
});

test('trainings without a pipeline end together', () => {
  const watch = new OutcomeWatch();
  watch.observe([experiment(null, [run('expert', 'risky', 'running'), run('expert', 'cautious', 'queued')])]);
  expect(watch.observe([experiment(null, [run('expert', 'risky', 'succeeded'), run('expert', 'cautious', 'running')])])).toEqual([]);
  expect(watch.observe([experiment(null, [run('expert', 'risky', 'succeeded'), run('expert', 'cautious', 'succeeded')])])).toHaveLength(1);
});
