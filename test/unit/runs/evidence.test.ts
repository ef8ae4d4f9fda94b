import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writeSafetensors } from '../../../src/checkpoint/safetensors';
import { secondsPerPoint } from '../../../src/runs/measure-cell';
import { withCompute } from '../../../src/runs/compute';
import { gatherEvidence } from '../../../src/runs/evidence';
import { newRunRecord, writeRunRecord } from '../../../src/runs/run-directory';
import type { Job } from '../../../src/runs/run-record';

const directory = mkdtempSync(path.join(tmpdir(), 'evidence-'));
afterAll(() => rmSync(directory, { recursive: true }));

const rewards = { fast: 'velocity', calm: 'velocity - energy' };
const task = { type: 'locomotion', environment: 'half-cheetah', episodeSteps: 100 };

async function training(id: string, kind: 'base' | 'expert', objective: string, values: readonly number[]): Promise<void> {
  const run = path.join(directory, id);
  mkdirSync(run, { recursive: true });
  await writeSafetensors(path.join(run, 'model.safetensors'), [{ name: 'w', dtype: 'F32', shape: [2], data: new Uint8Array(Float32Array.from(values).buffer) }], {});
  await writeRunRecord(run, newRunRecord({ kind, name: path.basename(id), version: '', state: 'succeeded', totalSteps: 5000, job: { kind, name: path.basename(id), objective, rewards, task } as unknown as Job }));
}

beforeAll(async () => {
  await training('base', 'base', 'velocity', [1, 1]);
  await training('experts/fast', 'expert', 'velocity', [2, 1]);
  await training('experts/calm', 'expert', 'velocity - energy', [0, 1]);
  writeFileSync(path.join(directory, 'experts/fast/metrics.jsonl'), '{"step":1,"time":"","samples":10}\n{"step":2,"time":"","samples":4096}\n');
  mkdirSync(path.join(directory, 'sweep'));
  const at = (id: string) => path.join(directory, id);
  await writeRunRecord(at('sweep'), newRunRecord({ kind: 'sweep', name: 'sweep', version: '', state: 'succeeded', job: { kind: 'sweep', name: 'sweep', task, samples: 8, base: at('base'), experts: { fast: at('experts/fast'), calm: at('experts/calm') } } as unknown as Job }));
});

test('curves, own rewards and task vectors come from the run directories', async () => {
  const { histories, ownRewards, weights } = await gatherEvidence(directory);
  expect(histories!.map(({ name, objective, rows }) => [name, objective, rows.length])).toEqual([['base', 'velocity', 0], ['calm', 'velocity - energy', 0], ['fast', 'velocity', 2]]);
  expect(ownRewards).toEqual({ fast: 'fast', calm: 'calm' });
  expect(weights).toMatchObject({ norms: { fast: 1, calm: 1 }, pairs: [{ a: 'fast', b: 'calm', cosine: -1 }] });
});

test('what points cost: steps seen in training, and those of the evaluation', async () => {
  const points = (['init', 'expert', 'expert', 'soup', 'morl'] as const).map((kind, index) => ({ kind, name: ['base', 'fast', 'calm', 'half', 'gone'][index], weights: null, rewards: {} }));
  expect((await withCompute(points, directory)).map(({ compute }) => compute)).toEqual([
    { training: 0, evaluation: 800 }, { training: 4096, evaluation: 800 }, { training: 5000, evaluation: 800 }, { training: 0, evaluation: 800 }, undefined,
  ]);
});

test.each([['wasm', 2], ['javascript', 2], ['webgpu', 6]])('a point evaluated by %s took %d seconds of the device', async (backend, seconds) => {
  const sweep = path.join(directory, `sweep-${backend}`);
  await writeRunRecord(sweep, newRunRecord({ kind: 'sweep', name: 'sweep', version: '', job: null, backend }));
  writeFileSync(path.join(sweep, 'metrics.jsonl'), '{"step":1,"time":"","pointCpuSeconds":1,"pointSeconds":5}\n{"step":2,"time":"","pointCpuSeconds":3,"pointSeconds":7}\n');
  expect(await secondsPerPoint(sweep)).toBe(seconds);
});

test('no runs, no evidence', async () => expect(await gatherEvidence(path.join(directory, 'nowhere'))).toEqual({ histories: [] }));
