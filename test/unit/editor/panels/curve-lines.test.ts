import { curveLines as linesOf, type CurveSelection } from '../../../../src/editor/panels/curve-lines';
import { MetricsColumns } from '../../../../src/editor/run-tree/metrics-columns';
import type { MetricsRow } from '../../../../src/runs/run-record';

const row = (step: number, rest: Partial<MetricsRow> = {}): MetricsRow => ({ step, time: new Date(1_700_000_000_000 + step * 500).toISOString(), ...rest });

const columnsOf = (rows: readonly MetricsRow[]) => {
  const columns = new MetricsColumns();
  for (const one of rows) columns.add(one);
  return columns;
};
const curveLines = (rows: readonly MetricsRow[], selection?: CurveSelection) => linesOf(columnsOf(rows), selection);

test('nested and unknown numbers become lines with dotted names', () => {
  const lines = curveLines([
    row(0, { samples: 0, reward: { risky: 1 }, loss: { policy: -0.1 }, lr: 0.1, note: 'text', custom: { deep: { er: 7 } } }),
    row(2, { samples: 32, reward: { risky: 2 }, loss: { policy: -0.2 }, lr: 0.2, custom: { deep: { er: 8 } } }),
  ]);
  expect(Object.keys(lines).sort()).toEqual(['custom.deep.er', 'loss.policy', 'lr', 'reward.risky']);
  expect(lines['reward.risky']).toEqual({ step: [0, 2], seconds: [0, 1], samples: [0, 32], value: [1, 2] });
  expect(lines['custom.deep.er'].value).toEqual([7, 8]);
});

test('a quantity that is not in every row has its own columns, and null is a gap', () => {
  const lines = curveLines([row(0, { kl: 0.1 }), row(1), row(2, { kl: null as never }), row(3, { kl: 0.3 })]);
  expect(lines.kl).toEqual({ step: [0, 3], seconds: [0, 1.5], value: [0.1, 0.3] });
});

test('columns keep one length when decimated', () => {
  const rows = Array.from({ length: 5000 }, (_, step) => row(step, { samples: step, reward: { risky: Math.sin(step) } }));
  const line = curveLines(rows, { limit: 100 })['reward.risky'];
  expect(line.value.length).toBeLessThanOrEqual(100);
  for (const column of [line.step, line.seconds, line.samples!]) expect(column).toHaveLength(line.value.length);
  expect(line.step.at(-1)).toBe(4999);
});

test('no rows, no lines', () => {
  expect(curveLines([])).toEqual({});
});

test('rows that a resumed training has logged again take the place of those after its checkpoint', () => {
  const lines = curveLines([row(0, { kl: 0 }), row(1, { kl: 1 }), row(2, { kl: 2, reward: { risky: 9 } }), row(1, { kl: 11 }), row(3, { kl: 13 })]);
  expect(lines.kl).toEqual({ step: [0, 1, 3], seconds: [0, 0.5, 1.5], value: [0, 11, 13] });
  expect(lines).not.toHaveProperty('reward.risky');
});

test('a part that is looked at closely has its own points, with the neighbours that lead to its edges; the rest keeps its extremes', () => {
  const rows = Array.from({ length: 100_000 }, (_, step) => row(step, { samples: 10 * step, reward: { risky: step === 90_000 ? 50 : Math.sin(step) } }));
  const within = (axis: 'step' | 'samples' | 'seconds', from: number, to: number) => curveLines(rows, { limit: 400, range: { axis, from, to } })['reward.risky']!;
  const line = within('step', 5000, 5100);
  const inside = line.step.filter((step) => step >= 4999 && step <= 5101);
  expect(inside).toEqual(Array.from({ length: 103 }, (_, i) => 4999 + i));
  expect(line.value).toContain(50);
  expect(line.value.length).toBeLessThanOrEqual(400);
  expect(line.step).toEqual([...line.step].sort((a, b) => a - b));
  expect(within('samples', 50_000, 51_000).step).toEqual(line.step);
  expect(within('seconds', 2500, 2550).step).toEqual(line.step);
  expect(within('step', 200_000, 300_000).step.at(-1)).toBe(99_999);
});

test('only what is wanted is made', () => {
  expect(Object.keys(curveLines([row(0, { kl: 0, lr: 1 })], { wanted: (name) => name === 'lr' }))).toEqual(['lr']);
});
