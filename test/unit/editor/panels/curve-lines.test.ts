import { curveLines } from '../../../../src/editor/panels/curve-lines';
import type { MetricsRow } from '../../../../src/runs/run-record';

const row = (step: number, rest: Partial<MetricsRow> = {}): MetricsRow => ({ step, time: new Date(1_700_000_000_000 + step * 500).toISOString(), ...rest });

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
  const line = curveLines(rows, 100)['reward.risky'];
  expect(line.value.length).toBeLessThanOrEqual(100);
  for (const column of [line.step, line.seconds, line.samples!]) expect(column).toHaveLength(line.value.length);
  expect(line.step.at(-1)).toBe(4999);
});

test('no rows, no lines', () => {
  expect(curveLines([])).toEqual({});
});
