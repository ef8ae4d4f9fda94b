import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { StudyAnalysis } from '../../../../src/editor/panels/analysis-worker/study';
import { isStudySnapshot } from '../../../../src/protocol/study';
import { runPipeline } from '../../../../src/runs/pipeline';

const trainer = path.join(__dirname, '..', '..', '..', 'fixtures', 'fake-trainer', 'trainer.cjs');
let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'soup-study-'));
  file = path.join(folder, 'soup.yaml');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const write = (seeds: string, more = '') => writeFile(file, `name: test
task: { type: locomotion, environment: half-cheetah, episodeSteps: 10 }
rewards: { fast_a: velocity, fast_b: -energy }
train: { steps: 1000 }
sweep: { grid: 5, samples: 4 }
check: { resamples: 100 }
study: { type: lmc-stress, seeds: ${seeds}, vary: { angle: [45] } }
${more}`);
const run = () => runPipeline({ file, trainer, stages: ['train', 'sweep', 'analyse'] });

test('before, during and after: whole seeds are compared, as the report compares them', async () => {
  await write('[0]');
  const analysis = new StudyAnalysis(file);
  expect(await analysis.snapshot()).toMatchObject({ type: 'lmc-stress', question: expect.stringMatching(/^Where linear mode connectivity breaks/), report: null, seeds: { done: 0, of: 1 }, cells: { done: 0, of: 2 }, points: { done: 0, of: 12 } });

  const { study } = await run();
  const first = await analysis.snapshot();
  expect(first).toMatchObject({ seeds: { done: 1, of: 1 }, cells: { done: 2, of: 2 }, points: { done: 12, of: 12 } });
  expect(first.report!.findings).toEqual(study!.report.findings.map(({ estimate: _, ...words }) => words));
  expect(first.report!.sections.map(({ table }) => table)).toEqual(study!.report.sections.map(({ table }) => table));
  expect(isStudySnapshot(JSON.parse(JSON.stringify(first)))).toBe(true);
  expect((await analysis.snapshot()).report).toBe(first.report); // nothing has changed, so nothing is computed

  await write('[0, 4]');
  expect(await analysis.snapshot()).toMatchObject({ report: { findings: first.report!.findings }, seeds: { done: 1, of: 2 }, cells: { done: 2, of: 4 }, points: { done: 12, of: 24 } });
  await run();
  const both = await analysis.snapshot();
  expect(both).toMatchObject({ seeds: { done: 2, of: 2 }, points: { done: 24, of: 24 } });
  expect(both.report!.sections[0]!.chart.points).toHaveLength(4);
}, 60_000);

test('a cell whose sweep is under way holds back its seed; its points count', async () => {
  await write('[0]');
  await run();
  const results = path.join(folder, 'runs', 'test', 'study', 'angle-45-seed-0', 'sweep', 'results.jsonl');
  const lines = (await readFile(results, 'utf8')).trimEnd().split('\n');
  await writeFile(results, `${lines.slice(0, -1).join('\n')}\n`);
  const analysis = new StudyAnalysis(file);
  expect(await analysis.snapshot()).toMatchObject({ report: null, cells: { done: 1, of: 2 }, points: { done: 11, of: 12 } });
  await appendFile(results, `${lines.at(-1)!}\n`);
  expect((await analysis.snapshot()).report!.findings).toHaveLength(2);
}, 60_000);

test('from its runs, of a variant as well; what is no study is told how to become one', async () => {
  await write('[0, 1]', 'variants:\n  quick: { study: { seeds: [7] } }\n');
  expect(await new StudyAnalysis(path.join(folder, 'runs', 'test')).snapshot()).toMatchObject({ seeds: { of: 2 } });
  expect(await new StudyAnalysis(path.join(folder, 'runs', 'test-quick')).snapshot()).toMatchObject({ seeds: { of: 1 } });
  await expect(new StudyAnalysis(path.join(folder, 'runs', 'other')).snapshot()).rejects.toMatchObject({ name: 'NoStudyError', message: expect.stringContaining('put it back') });
  await writeFile(file, (await readFile(file, 'utf8')).replace(/^study:.*\n/m, '').replace(/variants:[\s\S]*/, ''));
  await expect(new StudyAnalysis(file).snapshot()).rejects.toMatchObject({ name: 'NoStudyError', message: expect.stringContaining('soup.yaml is no study: give it a `study` key') });
}, 60_000);
