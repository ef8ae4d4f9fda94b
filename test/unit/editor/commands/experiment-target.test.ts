import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WorkerThread } from '../../../../src/checkpoint/worker/worker-thread';
import { studySource } from '../../../../src/editor/commands/experiment-target';
import { resolveSource } from '../../../../src/editor/panels/source';
import type { LanguageWorker } from '../../../../src/editor/yaml-language/worker/work';

const linguist: LanguageWorker = new WorkerThread(path.resolve(__dirname, '../../../../dist/language-worker.js'));
afterAll(() => linguist.dispose());

let folder: string;
const at = (...parts: readonly string[]): string => path.join(folder, ...parts);
const study = (name: string, more = ''): string => `name: ${name}
task: { type: locomotion, environment: half-cheetah, episodeSteps: 10 }
rewards: { fast_a: velocity, fast_b: -energy }
train: { steps: 1000 }
study: { type: lmc-stress, seeds: [0], vary: { angle: [45] } }
${more}`;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'soup-target-'));
  await writeFile(at('a.soup.yaml'), study('stress', 'variants: { quick: { seed: 3, rewards: { third: velocity } } }\n'));
  await writeFile(at('b.soup.yaml'), study('other'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a study has one source, however it is asked for: its file, its runs, a cell', async () => {
  const file = at('a.soup.yaml');
  for (const chosen of [file, { experimentFile: file, variant: null }, at('runs', 'stress'), at('runs', 'stress', 'study', 'angle-45-seed-0')]) expect(await studySource(chosen, linguist)).toBe(file);
  expect(await studySource(at('runs', 'other'), linguist)).toBe(at('b.soup.yaml'));
});

test('a variant of it is another study, of the same source before and after it has runs', async () => {
  const directory = at('runs', 'stress-quick');
  const variant = { experimentFile: at('a.soup.yaml'), variant: 'quick' };
  for (let times = 0; times < 2; times++) {
    for (const chosen of [variant, directory, path.join(directory, 'study', 'angle-45-seed-0')]) expect(await studySource(chosen, linguist)).toBe(directory);
    expect(await resolveSource(directory, linguist)).toMatchObject({ name: 'stress-quick', experimentDirectory: directory, settings: { rewards: times === 0 ? ['fast_a', 'fast_b', 'third'] : [] } });
    await mkdir(directory, { recursive: true });
  }
});

test('runs whose file is gone stay a source; what is not there, and no file writes, is none', async () => {
  await mkdir(at('runs', 'gone'), { recursive: true });
  expect(await studySource(at('runs', 'gone'), linguist)).toBe(at('runs', 'gone'));
  await expect(resolveSource(at('runs', 'never'), linguist)).rejects.toMatchObject({ name: 'NoPanelSourceError' });
  await writeFile(at('a.soup.yaml'), 'name: [');
  expect(await studySource({ experimentFile: at('a.soup.yaml'), variant: 'quick' }, linguist)).toBe(at('a.soup.yaml')); // its panel says what is wrong
});
