import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseExperiment } from '../../../../src/experiment/parse';
import { runPipeline } from '../../../../src/runs/pipeline';
import { workOf } from '../../../../src/runs/work';

jest.setTimeout(300_000);
const example = path.join(__dirname, '../../../../examples/summary');
let root: string;
let text: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'text-studies-'));
  await cp(example, root, { recursive: true, filter: (source) => path.basename(source) !== 'runs' });
  // small, and without the ensembles, which studies do not look at
  text = (await readFile(path.join(root, 'soup.yaml'), 'utf8')).replace('grid: 11', 'grid: 3').replace(', predictions: true', '');
});
afterAll(() => rm(root, { recursive: true }));

const withStudy = (study: string, changed = text) => `${changed}\nstudy: ${study}\n`;

async function run(name: string, study: string) {
  const file = path.join(root, `${name}.yaml`);
  await writeFile(file, withStudy(study, text.replace('name: summary', `name: ${name}`)));
  const { state, failures, study: analysed } = await runPipeline({ file, variant: 'smoke', stages: ['train', 'sweep', 'analyse'] });
  expect([state, failures]).toEqual(['succeeded', []]);
  return analysed!.report;
}

test('LoRA rank as a factor of stress: each cell has its rank at the same scale, and a distance between its adapters', async () => {
  const { findings, sections } = await run('rank', '{ type: lmc-stress, seeds: [0], vary: { loraRank: [1] } }');
  expect(findings).toHaveLength(2);
  const [header, ...cells] = sections[0]!.table;
  expect(cells.map(([cell]) => cell)).toEqual(['as-is', 'loraRank-1']);
  for (const cell of cells) expect(Number(cell[header!.indexOf('distance')]!.split(' ')[0])).toBeGreaterThan(0);
  const adapter = async (cell: string) => JSON.parse(await readFile(path.join(root, 'runs', 'rank-smoke', 'study', `${cell}-seed-0`, 'experts', 'brief', 'adapter_config.json'), 'utf8')) as { r: number; lora_alpha: number };
  expect([await adapter('as-is'), await adapter('loraRank-1')]).toMatchObject([{ r: 2, lora_alpha: 4 }, { r: 1, lora_alpha: 2 }]);
});

test('a true reward that is not linear, against single adapters and MORL', async () => {
  const { findings, sections } = await run('truth', '{ type: misspecification, seeds: [0], truth: "min(faithful, brief)" }');
  expect(findings.map(({ answer }) => answer)).toEqual(['undecided', 'undecided']); // one seed
  expect(sections[0]!.table.map(([method]) => method!.replace(/[\d.]+/g, '#'))).toEqual(['method', 'best λ', 'uniform soup', 'best single expert', 'best MORL run', 'base', 'expert faithful', 'expert brief', 'MORL faithful-#-brief-#', 'MORL faithful-#-brief-#']);
});

test('sizes of the model, from their configuration', async () => {
  const { sections } = await run('sizes', '{ type: scale, seeds: [0], models: [{ num_hidden_layers: 1 }, { hidden_size: 48, intermediate_size: 96, num_hidden_layers: 1 }] }');
  const [header, ...cells] = sections[0]!.table;
  const counts = cells.map((cell) => Number(cell[header!.indexOf('parameters')]));
  // of a LLaMA with a tied head and no biases: 163·d + d + layers · (4·d² + 3·d·m + 2·d)
  const llama = (d: number, m: number) => 163 * d + d + (4 * d * d + 3 * d * m + 2 * d);
  expect(counts).toEqual([llama(64, 128), llama(48, 96)]);
});

test('times of one drifting training', async () => {
  const { findings } = await run('drift', '{ type: non-stationary, seeds: [0], times: [0.5] }');
  expect(findings).toHaveLength(2);
});

test.each([
  'type: morl-baseline, grid: 3', 'type: front-geometry, grid: 3', 'type: resource-efficiency, grid: 3', 'type: nonlinear-rewards, targets: { both: "faithful * brief" }',
])('%s is planned for text as for anything', (settings) => {
  const { experiment, diagnostics } = parseExperiment(withStudy(`{ ${settings}, seeds: [0, 1] }`));
  expect(diagnostics).toEqual([]);
  expect(workOf(experiment!, '/w/soup.yaml').trainings.filter(({ id }) => id.endsWith('/base'))).toHaveLength(2); // one a seed
});

test.each([
  ['scale, without models', 'type: scale, hidden: [[8], [16]]', /`models`/],
  ['separate initialisation of adapters', 'type: lmc-stress, vary: { initialisation: [separate] }', /initialisation-separate: base\.shared: adapters of different bases cannot be blended/],
  ['another factor', 'type: lmc-stress, vary: { loraRank: [0] }', /vary\.loraRank/],
])('%s: refused, and why', (_, study, message) => {
  expect(parseExperiment(withStudy(`{ ${study} }`)).diagnostics[0]!.message).toMatch(message);
});
