import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fromFloat32, writeSafetensors } from '../../../../src/checkpoint/safetensors';
import { summariseCheckpoint, type CheckpointSummary } from '../../../../src/editor/checkpoint-tree/checkpoint-summary';
import { selectedCheckpoint } from '../../../../src/editor/inspector/selected-checkpoint';
import { newRunRecord } from '../../../../src/runs/run-directory';

const root = mkdtempSync(path.join(tmpdir(), 'soups-'));
const experiment = path.join(root, 'runs', 'demo');
/** what the index has once every header is read */
const read: CheckpointSummary[] = [];
const index = { loaded: async () => read };
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function checkpoint(...parts: string[]): Promise<string> {
  const directory = path.join(experiment, ...parts);
  mkdirSync(directory, { recursive: true });
  await writeSafetensors(path.join(directory, 'model.safetensors'), [{ name: 'weight', dtype: 'F32', shape: [1], data: fromFloat32(Float32Array.of(1), 'F32') }]);
  return directory;
}

beforeAll(async () => {
  const expert = await checkpoint('experts', 'risky');
  writeFileSync(path.join(expert, 'run.json'), JSON.stringify(newRunRecord({ kind: 'expert', name: 'risky', version: '0', state: 'succeeded' })));
  const waiting = path.join(experiment, 'experts', 'cautious');
  mkdirSync(waiting);
  writeFileSync(path.join(waiting, 'run.json'), JSON.stringify(newRunRecord({ kind: 'expert', name: 'cautious', version: '0', state: 'queued' })));
  const soup = await summariseCheckpoint(await checkpoint('soups', 'third'));
  read.push({ ...soup, role: 'soup', weights: { risky: 0.3333, cautious: 0.6667 } });
});

test('a run means its weights, where it has any yet', async () => {
  expect(await selectedCheckpoint(experiment, { run: 'risky' }, index)).toBe(path.join(experiment, 'experts', 'risky'));
  expect(await selectedCheckpoint(experiment, { run: 'cautious' }, index)).toBeNull();
  expect(await selectedCheckpoint(experiment, { run: 'other' }, index)).toBeNull();
});

test('a λ at a corner means that expert, one inside the soup that is on the disk', async () => {
  expect(await selectedCheckpoint(experiment, { weights: { risky: 1, cautious: 0 } }, index)).toBe(path.join(experiment, 'experts', 'risky'));
  expect(await selectedCheckpoint(experiment, { weights: { risky: 1 / 3, cautious: 2 / 3 } }, index)).toBe(path.join(experiment, 'soups', 'third'));
  expect(await selectedCheckpoint(experiment, { weights: { risky: 0.5, cautious: 0.5 } }, index)).toBeNull();
  expect(await selectedCheckpoint(path.join(root, 'runs', 'other'), { weights: { risky: 1 / 3, cautious: 2 / 3 } }, index)).toBeNull();
});
