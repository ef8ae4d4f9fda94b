import { OutcomeWatch } from '../../../../src/editor/run-tree/outcomes';
import type { ExperimentNode } from '../../../../src/editor/run-tree/run-model';
import { StartedHere } from '../../../../src/editor/run-tree/started-here';
import type { RunState } from '../../../../src/runs/run-record';
import { experiment, run } from './fixtures';

/** What the editor keeps of a window. */
function memory() {
  const kept = new Map<string, string>();
  return { get: (key: string): unknown => (kept.has(key) ? JSON.parse(kept.get(key)!) : undefined), update: async (key: string, value: unknown) => void kept.set(key, JSON.stringify(value)) };
}
const held = (state: RunState, pid: number | null, runState: RunState = state): ExperimentNode => {
  const node = experiment(state, [run('base', 'base', runState)]);
  return { ...node, record: { ...node.record!, pid } };
};
/** What would be told of two looks at an experiment. */
function told(started: StartedHere, ...looks: readonly ExperimentNode[][]) {
  const watch = new OutcomeWatch();
  return looks.flatMap((nodes) => watch.observe(nodes).filter(({ experiment: of }) => started.has(of, nodes)).map(({ type }) => type));
}
const { directory } = experiment('running', []);

test('the end, or a failure, of what was started here is told, also by the window that comes after a reload', () => {
  const window = memory();
  new StartedHere(window).note(directory, 7);
  const reloaded = new StartedHere(window);
  expect(told(reloaded, [held('running', 7)], [held('succeeded', 7)])).toEqual(['experiment-ended']);
  expect(told(reloaded, [held('running', 7)], [held('failed', 7)])).toEqual(['run-failed']);
});

test('what others started is not told: in a terminal, in another window, again after it was started here', () => {
  const ends = [[held('running', 8)], [held('failed', 8)]];
  expect(told(new StartedHere(memory()), ...ends)).toEqual([]); // another window, or none
  const here = new StartedHere(memory());
  here.note(directory, 7);
  expect(told(here, ...ends)).toEqual([]);
  expect(told(here, [held('succeeded', 7)], [held('running', 8)], [held('stopped', 8)])).toEqual([]);
  here.note('/elsewhere/runs/demo', 8);
  expect(told(here, ...ends)).toEqual([]);
});

test('trainings without an experiment’s process, and a process that never came up, are nobody’s', () => {
  const here = new StartedHere(memory());
  here.note(directory, null);
  expect(told(here, [experiment(null, [run('base', 'base', 'running')])], [experiment(null, [run('base', 'base', 'failed')])])).toEqual([]);
  expect(told(here, [held('running', null)], [held('failed', null)])).toEqual([]);
});

test('a run of a cell is told where the study was started here', () => {
  const cells = (state: RunState): ExperimentNode[] => [
    { ...held('running', 7, 'running'), isStudy: true },
    { ...experiment(null, [{ ...run('expert', 'a', state), directory: `${directory}/study/c/experts/a` }, run('expert', 'b', 'running')]), directory: `${directory}/study/c`, study: directory },
  ];
  const here = new StartedHere(memory());
  here.note(directory, 7);
  expect(told(here, cells('running'), cells('failed'))).toEqual(['run-failed']);
  expect(told(new StartedHere(memory()), cells('running'), cells('failed'))).toEqual([]);
});
