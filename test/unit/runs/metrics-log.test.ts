import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readMetricsFile, lastMetricsRows, tailMetrics, withoutReplayedSteps } from '../../../src/runs/metrics-log';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'soup-metrics-'));
  file = path.join(folder, 'metrics.jsonl');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const steps = (rows: readonly { readonly step: number }[]) => rows.map(({ step }) => step);

test('reads what was appended since, and leaves a torn last line for later', async () => {
  await writeFile(file, '{"step":1,"ä":"é"}\n{"step":2}\n{"st');
  const first = await tailMetrics(file);
  expect(steps(first.rows)).toEqual([1, 2]);
  await appendFile(file, 'ep":3}\n{"step":4}');
  const second = await tailMetrics(file, first.offset);
  expect(steps(second.rows)).toEqual([3]);
  await appendFile(file, '\n');
  expect(steps((await tailMetrics(file, second.offset)).rows)).toEqual([4]);
});

test('no file has no rows, and a file cut back is read anew', async () => {
  expect(await tailMetrics(file)).toEqual({ rows: [], offset: 0, isRestarted: false, hasMore: false });
  await writeFile(file, '{"step":1}\n{"step":2}\n');
  const { offset } = await tailMetrics(file);
  await writeFile(file, '{"step":1}\n');
  expect(await tailMetrics(file, offset)).toMatchObject({ rows: [{ step: 1 }], isRestarted: true });
  // grown past the old offset since: no line ends there
  await writeFile(file, '{"step":1,"longer":true}\n{"step":5}\n');
  expect(await tailMetrics(file, offset)).toMatchObject({ rows: [{ step: 1 }, { step: 5 }], isRestarted: true });
});

test('passes over what is no row, and takes the NaN that Python writes', async () => {
  await writeFile(file, 'oops\n42\n{"a":1}\n{"step":1,"kl":NaN,"loss":{"value":-Infinity},"note":"NaN, yes"}\n\n{"step":2}{"torn\n{"step":3}\n');
  expect(await readMetricsFile(file)).toEqual([{ step: 1, kl: null, loss: { value: null }, note: 'NaN, yes' }, { step: 3 }]);
});

test('steps that a resumed training repeated count once, as it did them last', () => {
  const rows = [1, 2, 3, 4, 2, 3, 5].map((step, index) => ({ step, time: '', index }));
  expect(withoutReplayedSteps(rows).map(({ step, index }) => [step, index])).toEqual([[1, 0], [2, 4], [3, 5], [5, 6]]);
});

test('read in pieces, every line comes once, also one that is longer than a piece', async () => {
  const rows = Array.from({ length: 50 }, (_, step) => ({ step, note: 'x'.repeat(step === 20 ? 900 : 5) }));
  await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const found: unknown[] = [];
  for (let offset = 0, hasMore = true; hasMore; ) {
    const tail = await tailMetrics(file, offset, 100);
    found.push(...tail.rows);
    ({ offset, hasMore } = tail);
  }
  expect(found).toEqual(rows);
  expect((await lastMetricsRows(file, 200)).at(-1)).toEqual(rows.at(-1));
  expect(await lastMetricsRows(file, 1e6)).toEqual(rows);
});
