import path from 'node:path';
import { parseExperiment } from '../../../src/experiment/parse';
import { workOf } from '../../../src/runs/work';
import type { PlannedCell } from '../../../src/studies/plan-study';

const text = `name: demo
task: { type: locomotion, environment: half-cheetah }
rewards: { fast: velocity, frugal: -energy }
train: { steps: 1000 }
sweep: { grid: 5, samples: 4 }
`;
function cellsOf(study: string, rest = ''): { readonly cells: readonly PlannedCell[]; readonly trained: readonly string[]; at(...parts: string[]): string } {
  const parsed = parseExperiment(`${text}${rest}study: ${study}\n`);
  expect(parsed.diagnostics).toEqual([]);
  const work = workOf(parsed.experiment!, '/w/soup.yaml');
  return { cells: work.cells!, trained: work.trainings.map(({ id }) => id), at: (...parts) => path.resolve('/w/runs/demo/study', ...parts) };
}
const cellNamed = (cells: readonly PlannedCell[], cell: string, seed = 0) => cells.find((one) => one.cell === cell && one.seed === seed)!.plan;

test('every cell is an ordinary plan below study/, once a seed', () => {
  const { cells, at } = cellsOf('{ type: scale, hidden: [[8], [16]], seeds: [3, 5] }');
  expect(cells.map(({ cell, seed, plan }) => [cell, seed, plan.directory])).toEqual([
    ['hidden-8', 3, at('hidden-8-seed-3')], ['hidden-16', 3, at('hidden-16-seed-3')], ['hidden-8', 5, at('hidden-8-seed-5')], ['hidden-16', 5, at('hidden-16-seed-5')],
  ]);
  const { trainings, sweep, experiment } = cellNamed(cells, 'hidden-16', 5);
  expect(trainings.map(({ job }) => job)).toMatchObject([{ name: 'base', ppo: { hidden: [16] } }, { name: 'fast', ppo: { hidden: [16] } }, { name: 'frugal' }]);
  expect(sweep.job.results).toBe(at('hidden-16-seed-5', 'sweep', 'results.jsonl'));
  expect(experiment).toMatchObject({ seed: 5, study: undefined });
});

test('what would be the same training in two cells is trained once, and the others refer to it', () => {
  const { cells, trained, at } = cellsOf('{ type: lmc-stress, seeds: [0], vary: { angle: [45], steps: [2000] } }');
  // the angle changes the second reward alone; the longer training changes both experts, and neither the base
  expect(trained).toEqual([
    'study/as-is-seed-0/base', 'study/as-is-seed-0/experts/fast', 'study/as-is-seed-0/experts/frugal',
    'study/angle-45-seed-0/experts/frugal', 'study/steps-2000-seed-0/experts/fast', 'study/steps-2000-seed-0/experts/frugal',
  ]);
  const angle = cellNamed(cells, 'angle-45');
  expect(angle.sweep.job).toMatchObject({ base: at('as-is-seed-0', 'base'), experts: { fast: at('as-is-seed-0', 'experts', 'fast'), frugal: at('angle-45-seed-0', 'experts', 'frugal') } });
  expect(angle.sweep.job.points.slice(0, 3).map(({ checkpoint }) => checkpoint)).toEqual([at('as-is-seed-0', 'base'), at('as-is-seed-0', 'experts', 'fast'), at('angle-45-seed-0', 'experts', 'frugal')]);
  expect(angle.sweep.dependsOn).toEqual(['study/as-is-seed-0/base', 'study/as-is-seed-0/experts/fast', 'study/angle-45-seed-0/experts/frugal']);
  for (const { dependsOn, job } of angle.trainings.slice(1)) expect([dependsOn, job.init]).toEqual([['study/as-is-seed-0/base'], at('as-is-seed-0', 'base')]);
  expect(cellNamed(cells, 'steps-2000').trainings[0]!.job).toMatchObject({ name: 'base', ppo: { steps: 1000 } });
});

test('seeds share nothing, and another seed leaves the trainings of the first where they were', () => {
  const one = cellsOf('{ type: morl-baseline, grid: 3, seeds: [0] }');
  const two = cellsOf('{ type: morl-baseline, grid: 3, seeds: [0, 1] }');
  expect(two.trained).toEqual([...one.trained, ...one.trained.map((id) => id.replace('seed-0', 'seed-1'))]);
  const seeds = two.cells.map(({ plan }) => plan.trainings.map(({ job }) => job.seed));
  expect(new Set(seeds.flat()).size).toBe(8);
});

test('a turned reward is cos φ of the first and sin φ of the second; the base keeps its own', () => {
  const { cells } = cellsOf('{ type: lmc-stress, seeds: [0], vary: { angle: [60, 90] } }');
  const objective = (cell: string) => cellNamed(cells, cell).trainings.find(({ job }) => job.name === 'frugal')!.job.objective;
  expect(objective('angle-60')).toBe('0.5 * (velocity) + 0.866025 * (-energy)');
  expect(objective('angle-90')).toBe('0 * (velocity) + 1 * (-energy)');
  for (const { plan } of cells) expect(plan.trainings[0]!.job.objective).toBe('mean((velocity), (-energy))');
});

test('without a shared initialisation each expert has a base of its own, from another seed', () => {
  const { cells, at } = cellsOf('{ type: lmc-stress, seeds: [0], vary: { initialisation: [separate] } }');
  const { trainings, sweep } = cellNamed(cells, 'initialisation-separate');
  expect(trainings.map(({ id, job }) => [id.split('-seed-0/')[1], job.init])).toEqual([
    ['bases/fast', null], ['bases/frugal', null], ['experts/fast', at('initialisation-separate-seed-0', 'bases', 'fast')], ['experts/frugal', at('initialisation-separate-seed-0', 'bases', 'frugal')],
  ]);
  expect(trainings[0]!.job.seed).not.toBe(trainings[1]!.job.seed);
  expect(sweep.job.base).toBe(at('initialisation-separate-seed-0', 'bases', 'fast'));
});

test('times of a drifting training are kept by it and become the experts of a sweep', () => {
  const { cells, at } = cellsOf('{ type: non-stationary, times: [0.25, 0.5], seeds: [0] }');
  const { trainings, sweep } = cellNamed(cells, 'drifting');
  expect(trainings.map(({ job }) => [job.name, job.snapshotSteps])).toEqual([['base', undefined], ['t100', [250, 500]]]);
  expect(trainings[1]!.job.objective).toBe('(1 - progress) * ((velocity)) + progress * ((-energy))');
  expect(sweep.job.experts).toEqual({ t25: at('drifting-seed-0', 'experts', 't100', 'snapshots', 'step-000250'), t50: at('drifting-seed-0', 'experts', 't100', 'snapshots', 'step-000500'), t100: at('drifting-seed-0', 'experts', 't100') });
});

test('MORL runs leave out the corners, and the grid of λ holds every μ', () => {
  const { cells } = cellsOf('{ type: front-geometry, grid: 4, seeds: [0] }', 'front: { reference: init }\n');
  const { points } = cellNamed(cells, 'fronts').sweep.job;
  const weights = (kind: string) => points.filter((point) => point.kind === kind).map((point) => point.weights!.fast!);
  expect(weights('morl')).toEqual([2 / 3, 1 / 3]);
  for (const mu of weights('morl')) expect(weights('soup').some((lambda) => Math.abs(lambda - mu) < 1e-9)).toBe(true);
});

test('targets and true rewards are measured everywhere and never change the base', () => {
  const { cells, trained } = cellsOf('{ type: nonlinear-rewards, targets: { both: "min(fast, frugal)" }, seeds: [0] }');
  expect(trained).toEqual(['study/soups-seed-0/base', 'study/soups-seed-0/experts/fast', 'study/soups-seed-0/experts/frugal', 'study/direct-seed-0/experts/both']);
  for (const { plan } of cells) expect(Object.keys(plan.sweep.job.rewards)).toEqual(['fast', 'frugal', 'both']);
  expect(cells[0]!.plan.sweep.job.seed).toBe(cells[1]!.plan.sweep.job.seed);
});

test.each([
  ['{ type: lmc-strss }', /study\.type: expected morl-baseline or .*got "lmc-strss"/],
  ['{ type: lmc-stress, varyy: {} }', /unknown key "varyy" — did you mean "vary"/],
  ['{ type: scale, hidden: [[8], [16]], seeds: [1, 1] }', /study\.seeds: 1 is there twice/],
  ['{ type: misspecification, truth: "min(fast, frugl)" }', /unknown metric or reward "frugl" — did you mean "frugal"/],
  ['{ type: nonlinear-rewards, targets: { energy: fast } }', /study, soups: "energy" is a metric/],
  ['{ type: lmc-stress, vary: { angle: [200] } }', /study\.vary\.angle\.0: expected at most 180, got 200/],
])('%s is refused, with its place', (study, message) => {
  const [first] = parseExperiment(`${text}study: ${study}\n`).diagnostics;
  expect(first!.message).toMatch(message);
  expect(first!.range.start.line).toBe(5);
});

test.each([
  ['experts: { late: { reward: fast }, early: { of: late } }', /`of` and `at` belong together/],
  ['experts: { late: { reward: fast }, early: { of: lat, at: 0.5 } }', /did you mean "late"/],
  ['experts: { late: { reward: fast }, early: { of: late, at: 0.5, steps: 3 } }', /experts\.early\.steps: .*not trained itself/],
])('%s is refused', (experts, message) => {
  expect(parseExperiment(`${text}${experts}\n`).diagnostics[0]!.message).toMatch(message);
});

test('a variant lays settings over a study', () => {
  const { experiment, diagnostics } = parseExperiment(`${text}study: { type: scale, hidden: [[8], [16]] }\nvariants: { quick: { study: { seeds: [7] } } }\n`, { variant: 'quick' });
  expect(diagnostics).toEqual([]);
  expect(experiment!.study).toMatchObject({ type: 'scale', seeds: [7], hidden: [[8], [16]] });
});
