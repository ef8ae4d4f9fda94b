import { createHash } from 'node:crypto';
import path from 'node:path';
import fc from 'fast-check';
import { sweepDifferences, trainingDifferences } from '../../../src/experiment/job-identity';
import { nearestName } from '../../../src/experiment/nearest-name';
import { parseExperiment } from '../../../src/experiment/parse';
import { planExperiment, seedOf, type Plan } from '../../../src/experiment/plan';
import { totalStepsOf } from '../../../src/runs/run-record';
import { simplexGrid, simplexGridSize } from '../../../src/experiment/simplex-grid';

const text = `name: demo
seed: 7
task: { type: locomotion, environment: half-cheetah }
rewards: { risky: velocity, cautious: velocity - 3 * energy }
train: { steps: 1000, learningRate: 1e-3 }
base: { reward: "0.5 * risky + 0.5 * cautious", steps: 500 }
experts: { fast: { reward: risky, learningRate: 0.1 }, cautious: {} }
morl: [{ weights: { fast: 0.25, cautious: 0.75 } }]
sweep: { grid: 3, samples: 4 }
`;
const plan = (changed = text, folder = '/work'): Plan => planExperiment(parseExperiment(changed).experiment!, path.join(folder, 'soup.yaml'));
const at = (...parts: string[]) => path.resolve('/work', 'runs', 'demo', ...parts);

test('base, experts and scalarised runs, with what each is trained with', () => {
  const { trainings, directory } = plan();
  expect(directory).toBe(at());
  expect(trainings.map(({ id, dependsOn }) => [id, dependsOn])).toEqual([['base', []], ['experts/fast', ['base']], ['experts/cautious', ['base']], ['morl/fast-0.25-cautious-0.75', ['base']]]);
  const [base, fast, cautious, morl] = trainings.map(({ job }) => job);
  expect(base).toMatchObject({ kind: 'base', init: null, objective: '0.5 * (velocity) + 0.5 * (velocity - 3 * energy)', ppo: { steps: 500, learningRate: 1e-3 } });
  expect(fast).toMatchObject({ kind: 'expert', init: at('base'), objective: 'velocity', ppo: { steps: 1000, learningRate: 0.1, gamma: 0.99 }, rewards: { risky: 'velocity', cautious: 'velocity - 3 * energy' } });
  expect(fast).not.toHaveProperty('ppo.algorithm');
  expect(cautious!.objective).toBe('velocity - 3 * energy');
  expect(morl!.objective).toContain('0.25 *');
});

test('the sweep has the init, the experts, the inner grid and the scalarised runs', () => {
  const { job, dependsOn } = plan().sweep;
  expect(dependsOn).toHaveLength(4);
  expect(job.points.map(({ kind, weights, checkpoint }) => [kind, weights && Object.values(weights), checkpoint && path.relative(at(), checkpoint)])).toEqual([
    ['init', null, 'base'], ['expert', [1, 0], path.join('experts', 'fast')], ['expert', [0, 1], path.join('experts', 'cautious')],
    ['soup', [0.5, 0.5], null], ['morl', [0.25, 0.75], path.join('morl', 'fast-0.25-cautious-0.75')],
  ]);
  expect(job.results).toBe(at('sweep', 'results.jsonl'));
});

test('with three experts the uniform soup is there even where the grid misses it', () => {
  const three = text.replace('experts: {', 'experts: { third: { reward: risky },').replace('morl: [{ weights: { fast: 0.25, cautious: 0.75 } }]\n', '');
  const points = plan(three).sweep.job.points.filter(({ kind }) => kind === 'soup');
  expect(points).toHaveLength(4);
  expect(Object.values(points[3]!.weights!)).toEqual([1 / 3, 1 / 3, 1 / 3]);
});

test('further points join the grid, once each, with 0 for experts that are left out', () => {
  const points = (further: string) => plan(text.replace('samples: 4', `samples: 4, points: ${further}`)).sweep.job.points.flatMap(({ kind, weights }) => (kind === 'soup' ? [weights] : []));
  expect(points('[{ fast: 0.3, cautious: 0.7 }, { cautious: 0.5, fast: 0.5 }, { fast: 1 }, { fast: 0.3, cautious: 0.7 }]')).toEqual([{ fast: 0.5, cautious: 0.5 }, { fast: 0.3, cautious: 0.7 }]);
  const problems = (further: string) => parseExperiment(text.replace('samples: 4', `samples: 4, points: ${further}`)).diagnostics.map(({ code }) => code);
  expect(problems('[{ fast: 0.3, cautious: 0.6 }, { fsat: 1 }]')).toEqual(['weights', 'unknown-expert']);
});

test('a search starts from experts and the uniform soup, for the mean of the rewards unless told', () => {
  const { job } = plan(text.replace('grid: 3, samples: 4', 'samples: 8, search: { budget: 12 }')).sweep;
  expect(job.points.map(({ kind, weights }) => [kind, weights && Object.values(weights)])).toEqual([['init', null], ['expert', [1, 0]], ['expert', [0, 1]], ['soup', [0.5, 0.5]], ['morl', [0.25, 0.75]]]);
  expect(job.search).toEqual({ preferences: ['mean(risky, cautious)'], appliesTo: 'samples', budget: 12, batch: 4 });
  expect(totalStepsOf(job)).toBe(14); // init and MORL beside 12 λ
});

test('a base from elsewhere needs no training', () => {
  const { trainings, sweep } = plan(text.replace('base: {', 'base: { checkpoint: ../start,'));
  expect(trainings.map(({ id }) => id)).not.toContain('base');
  expect(trainings[0]!.job.init).toBe(path.resolve('/start'));
  expect(sweep.job.base).toBe(path.resolve('/start'));
});

test('seeds are those of the stated formula, one a run', () => {
  const bits = createHash('sha256').update('7/experts/fast').digest('hex').slice(0, 8);
  expect(seedOf(7, 'experts/fast')).toBe(Math.floor(parseInt(bits, 16) / 2));
  const seeds = plan().trainings.map(({ job }) => job.seed);
  expect(new Set(seeds).size).toBe(seeds.length);
});

test('what changes a trained run is told by key; what does not, is not', () => {
  const job = (changed: string, folder?: string) => plan(changed, folder).trainings[1]!.job;
  const now = job(text);
  expect(trainingDifferences(job(text.replace('steps: 1000', 'steps: 2000')), now)).toEqual([{ key: 'steps', was: 2000, now: 1000 }]);
  expect(trainingDifferences(job(text.replace('half-cheetah', 'humanoid')), now)).toEqual([{ key: 'task.environment', was: 'humanoid', now: 'half-cheetah' }]);
  expect(trainingDifferences(job(text.replace('fast: { reward: risky', 'fast: { reward: 2 * risky')), now).map(({ key }) => key)).toEqual(['objective']);
  expect(trainingDifferences(job(text.replace('seed: 7', 'backend: cpu\nseed: 7').replace('3 * energy', '2 * energy'), '/moved'), now)).toEqual([]);
  expect(trainingDifferences({ ...now, objective: '( velocity)*1.0' }, { ...now, objective: 'velocity * 1' })).toEqual([]);
  expect(trainingDifferences({ ...now, objective: '2 - (3 - velocity)' }, { ...now, objective: '2 - 3 - velocity' })).toHaveLength(1);
  expect(sweepDifferences(plan(text.replace('samples: 4', 'samples: 8')).sweep.job, plan().sweep.job)).toEqual([{ key: 'samples', was: 8, now: 4 }]);
});

test('simplex grids have their number of points, all on the simplex, all different', () => {
  fc.assert(fc.property(fc.integer({ min: 2, max: 4 }), fc.integer({ min: 2, max: 7 }), (count, edge) => {
    const names = ['a', 'b', 'c', 'd'].slice(0, count);
    const grid = simplexGrid(names, edge);
    expect(grid).toHaveLength(simplexGridSize(count, edge));
    expect(new Set(grid.map((weights) => JSON.stringify(weights))).size).toBe(grid.length);
    for (const weights of grid) expect(Object.values(weights).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
  }));
  expect(simplexGrid(['a', 'b'], 3)).toEqual([{ a: 1, b: 0 }, { a: 0.5, b: 0.5 }, { a: 0, b: 1 }]);
});

test.each([['velocty', 'velocity'], ['VELOCITY', 'velocity'], ['enregy', 'energy'], ['alvie', 'alive'], ['kl', null], ['temperature', null]])('nearest name of %s is %s', (wrong, expected) => {
  expect(nearestName(wrong, ['velocity', 'energy', 'alive'])).toBe(expected);
});
