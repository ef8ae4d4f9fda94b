import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runPipeline, type PipelineOptions } from '../../../src/runs/pipeline';
import { listRuns, readRunRecord } from '../../../src/runs/run-directory';

const trainer = path.join(__dirname, '..', '..', 'fixtures', 'fake-trainer', 'trainer.cjs');
let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'soup-study-'));
  file = path.join(folder, 'soup.yaml');
  await write('seeds: [0], vary: { angle: [45] }');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const write = (settings: string) => writeFile(file, `name: test
task: { type: locomotion, environment: half-cheetah, episodeSteps: 10 }
rewards: { fast_a: velocity, fast_b: -energy }
train: { steps: 1000 }
sweep: { grid: 5, samples: 4 }
check: { resamples: 100 }
study: { type: lmc-stress, ${settings} }
`);
const at = (...parts: string[]) => path.join(folder, 'runs', 'test', ...parts);

async function run(options: Partial<PipelineOptions> = {}) {
  const started: string[] = [];
  const outcome = await runPipeline({ file, trainer, stages: ['train', 'sweep', 'analyse'], listener: { onRunStart: ({ id }) => started.push(id) }, ...options });
  return { outcome, started };
}

test('a study trains what its cells share once, sweeps each cell and reports; a second call trains nothing', async () => {
  const { outcome, started } = await run();
  expect(outcome).toMatchObject({ state: 'succeeded', failures: [], analysis: null });
  expect([...started].sort()).toEqual(['angle-45-seed-0/experts/fast_b', 'angle-45-seed-0/sweep', 'as-is-seed-0/base', 'as-is-seed-0/experts/fast_a', 'as-is-seed-0/experts/fast_b', 'as-is-seed-0/sweep'].map((id) => `study/${id}`));
  expect(outcome.study!.report.findings.map(({ answer }) => answer)).toEqual(['yes', 'undecided']); // the fake trainer's soups lie above the chord
  expect(await readFile(outcome.study!.index, 'utf8')).toContain('Does linear mode connectivity hold in every cell? YES');
  expect(JSON.parse(await readFile(at('report', 'study.json'), 'utf8'))).toMatchObject({ study: 'test', settings: { seeds: '0', cells: 'as-is, angle-45' } });
  expect(await readRunRecord(at())).toMatchObject({ kind: 'experiment', state: 'succeeded' });
  expect(JSON.parse(await readFile(at('study', 'angle-45-seed-0', 'experiment.resolved.json'), 'utf8'))).toMatchObject({ experiment: { seed: 0, rewards: { fast_b: expect.stringContaining('0.707107') } } });
  expect((await listRuns(path.join(folder, 'runs'))).map(({ record }) => record.kind)).toEqual(['experiment', 'expert', 'sweep', 'base', 'expert', 'expert', 'sweep']);

  const modified = (await stat(at('study', 'as-is-seed-0', 'base', 'model.safetensors'))).mtimeMs;
  expect((await run()).started.sort()).toEqual(['study/angle-45-seed-0/sweep', 'study/as-is-seed-0/sweep']); // side by side
  expect((await stat(at('study', 'as-is-seed-0', 'base', 'model.safetensors'))).mtimeMs).toBe(modified);
});

test('a seed that is added later trains its own runs alone', async () => {
  await run();
  await write('seeds: [0, 4], vary: { angle: [45] }');
  const { outcome, started } = await run();
  expect(started.filter((id) => !id.endsWith('sweep')).sort()).toEqual(['angle-45-seed-4/experts/fast_b', 'as-is-seed-4/base', 'as-is-seed-4/experts/fast_a', 'as-is-seed-4/experts/fast_b'].map((id) => `study/${id}`));
  expect(outcome.study!.report.sections[0]!.table).toHaveLength(3);
});

test('a study that is stopped goes on where it was', async () => {
  const stop = new AbortController();
  const { outcome } = await run({ stop: stop.signal, jobs: 1, listener: { onRunEnd: ({ id }) => id.endsWith('fast_a') && stop.abort() } });
  expect(outcome).toMatchObject({ state: 'stopped', study: null });
  const { outcome: resumed, started } = await run();
  expect(resumed.state).toBe('succeeded');
  expect(started).not.toContain('study/as-is-seed-0/base');
  expect(started).not.toContain('study/as-is-seed-0/experts/fast_a');
});

test('--only trains that name in every cell; a broken cell names itself', async () => {
  const { started } = await run({ stages: ['train'], only: ['fast_a'] });
  expect(started).toEqual(['study/as-is-seed-0/base', 'study/as-is-seed-0/experts/fast_a']);
  await expect(run({ stages: ['sweep'] })).rejects.toMatchObject({ name: 'NotTrainedError', message: expect.stringContaining('study/as-is-seed-0/experts/fast_b') });
  expect((await readdir(at('study'))).sort()).toEqual(['angle-45-seed-0', 'as-is-seed-0']);
});
