import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Preview, type PreviewAnswer, type PreviewRequest } from '../../../src/runs/preview';

const models = path.join(__dirname, '../../fixtures/text');
const opening = { experts: [{ name: 'llama3', path: path.join(models, 'adapters/llama3') }], base: null, space: null, backend: 'wasm' } as const;
const settings = { maxNewTokens: 4, minNewTokens: 4, temperature: 0, topK: 0, topP: 1, repetitionPenalty: 1, stop: [], chat: false, system: null, seed: 0 };
const request: PreviewRequest = { type: 'text', prompt: { prompt: 't2 t3', references: [], source: null }, weights: [{ llama3: 0.5 }], settings };

let root: string;
beforeAll(async () => (root = await mkdtemp(path.join(tmpdir(), 'preview-host-'))));
afterAll(() => rm(root, { recursive: true }));

/** A stand-in for trainer.js. */
async function script(name: string, text: string): Promise<{ readonly trainer: string }> {
  const trainer = path.join(root, name);
  await writeFile(trainer, text);
  return { trainer };
}

test('the trainer\'s process opens checkpoints, answers, drops what is superseded, and ends with its host', async () => {
  const preview = new Preview(opening);
  expect(await preview.opened).toMatchObject({ experts: ['llama3'], base: path.join(models, 'models/llama3'), backend: 'wasm' });
  const answers: PreviewAnswer[] = [];
  const older = preview.ask({ ...request, settings: { ...settings, maxNewTokens: 60, minNewTokens: 60 } }, () => undefined);
  const newer = preview.ask(request, (answer) => answers.push(answer));
  await expect(older).rejects.toMatchObject({ name: 'InterruptedError' });
  await newer;
  const [started] = answers;
  expect(started).toMatchObject({ type: 'started', points: [{ kind: 'soup', name: 'llama3 0.5' }, { kind: 'init', name: 'base' }, { kind: 'expert', name: 'llama3' }] });
  expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
  await preview.close();
  expect(await preview.ended).toBeNull();
  await expect(preview.ask(request, () => undefined)).rejects.toMatchObject({ name: 'PreviewEndedError' });
});

test('what cannot be opened is said by opened, and by ended', async () => {
  const preview = new Preview({ ...opening, experts: [{ name: 'none', path: path.join(root, 'none') }] });
  await expect(preview.opened).rejects.toMatchObject({ name: 'CheckpointNotFoundError', isInput: true });
  expect(await preview.ended).toMatchObject({ name: 'CheckpointNotFoundError' });
});

test('a process that dies says so with its last lines, to whoever waits', async () => {
  const dying = await script('dying.cjs', `
    process.on('message', ({ type }) => {
      if (type === 'open') process.send({ type: 'opened', task: { type: 'locomotion', environment: 'x', episodeSteps: 1 }, experts: [], base: null, run: null, rewards: [], backend: '', device: '' });
      else { console.error('first line'); console.error('out of memory, it seems'); process.exit(7); }
    });`);
  const preview = new Preview(opening, dying);
  await preview.opened;
  await expect(preview.ask(request, () => undefined)).rejects.toMatchObject({ name: 'PreviewEndedError', isInput: false, message: 'The preview\'s process ended with exit code 7; it last wrote: first line | out of memory, it seems.' });
  expect(await preview.ended).toMatchObject({ name: 'PreviewEndedError' });
});

test('a process that neither answers nor listens is ended all the same', async () => {
  const preview = new Preview(opening, await script('deaf.cjs', 'process.on("disconnect", () => undefined); process.on("message", () => undefined); setInterval(() => undefined, 1000);'));
  await preview.close();
  expect(await preview.ended).toBeNull();
  await expect(preview.opened).rejects.toMatchObject({ name: 'PreviewEndedError' });
});
