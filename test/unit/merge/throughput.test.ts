import { readdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { estimatedSeconds, lineThrough, measureThroughput } from '../../../src/merge/throughput';

const model = (name: string) => path.join(__dirname, '../../fixtures/merge/mergekit/models', name);
const probes = () => readdirSync(os.tmpdir()).filter((name) => name.startsWith('soup-probe-'));

test('a line through two probes: what every merge takes, and what each byte takes', () => {
  const { fixedSeconds, secondsPerByte } = lineThrough([{ bytes: 20e6, seconds: 0.3 }, { bytes: 60e6, seconds: 0.5 }, { bytes: 20e6, seconds: 0.2 }, { bytes: 60e6, seconds: 0.4 }]);
  expect(secondsPerByte).toBeCloseTo(5e-9, 15);
  expect(fixedSeconds).toBeCloseTo(0.1, 12);
  expect(estimatedSeconds({ fixedSeconds, secondsPerByte, hashSecondsPerByte: 1e-9 }, 1e9, 2e9)).toBeCloseTo(0.1 + 5 + 2, 9);
});

test('a small blend is measured whole; noise gives no negative time', () => {
  expect(lineThrough([{ bytes: 1000, seconds: 0.05 }, { bytes: 1000, seconds: 0.02 }])).toEqual({ fixedSeconds: 0.02, secondsPerByte: 0 });
  expect(lineThrough([{ bytes: 20e6, seconds: 0.4 }, { bytes: 60e6, seconds: 0.3 }])).toEqual({ fixedSeconds: 0, secondsPerByte: 5e-9 });
});

test('measuring leaves nothing behind, and can be stopped', async () => {
  const before = probes();
  const throughput = await measureThroughput({ inputs: [model('a'), model('b')], weights: [0.5, 0.5] });
  for (const value of Object.values(throughput)) expect(value).toBeGreaterThanOrEqual(0);
  expect(throughput.fixedSeconds).toBeGreaterThan(0);
  const stop = new AbortController();
  stop.abort();
  await expect(measureThroughput({ inputs: [model('a'), model('b')], weights: [0.5, 0.5] }, stop.signal)).rejects.toMatchObject({ name: 'InterruptedError' });
  expect(probes()).toEqual(before);
});
