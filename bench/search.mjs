// Experts of half-cheetah: the best λ by a search against the whole grid (1,001 λ for five), on the same episodes.
//   node bench/search.mjs [--experts 5] [--budget 40] [--seeds 0,1,2]
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

const { values } = parseArgs({ options: { experts: { type: 'string', default: '5' }, budget: { type: 'string', default: '40' }, seeds: { type: 'string', default: '0,1,2' } } });
const cli = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'dist', 'cli.js');
const folder = mkdtempSync(path.join(tmpdir(), 'search-'));
const soup = (...argv) => promisify(execFile)(process.execPath, [cli, ...argv], { maxBuffer: 2 ** 26 });
const readLines = (file) => readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
const mean = (list) => list.reduce((sum, value) => sum + value, 0) / list.length;

/** The λ that is best on the first half of the episodes, and what it is worth on the second. */
function heldOut(points) {
  const halves = points.map(({ name, rewards: { goal: { samples } } }) => ({ name, seen: mean(samples.slice(0, samples.length / 2)), value: mean(samples.slice(samples.length / 2)) }));
  return halves.reduce((best, point) => (point.seen > best.seen ? point : best));
}

process.stdout.write('| seed | best expert | best of the grid | λ | CPU s | search | λ | CPU s | grid points that are better |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n');
for (const seed of values.seeds.split(',')) {
  const file = path.join(folder, `grid-${seed}.yaml`);
  writeFileSync(file, `name: grid-${seed}
seed: ${seed}
backend: wasm
task: { type: locomotion, environment: half-cheetah, episodeSteps: 100 }
rewards:
  goal: -(velocity - 0.7) ^ 2 - 0.3 * energy # what is wanted: a pace, without effort
  fast: velocity
  frugal: -energy
  still: -velocity ^ 2
  steady: velocity - energy
  brisk: velocity - 0.3 * energy ^ 2
experts: { ${['fast', 'still', 'frugal', 'steady', 'brisk'].slice(0, Number(values.experts)).map((name) => `${name}: {}`).join(', ')} }
train: { algorithm: ppo, steps: 32768, environments: 8, rolloutSteps: 128, minibatch: 512, gamma: 0.98, learningRate: 1.0e-3, hidden: [32], checkpointEverySteps: 1000000 }
base: { reward: velocity - 0.3 * energy, steps: 65536, learningRate: 2.0e-3 }
sweep: { grid: 11, samples: 16 }
`);
  await soup('train', file);
  const other = path.join(folder, `search-${seed}.yaml`);
  writeFileSync(other, readFileSync(file, 'utf8').replace(`name: grid-${seed}`, `name: search-${seed}`));
  cpSync(path.join(folder, 'runs', `grid-${seed}`), path.join(folder, 'runs', `search-${seed}`), { recursive: true });
  await soup('sweep', file);
  const { stdout } = await soup('sweep', other, '--search', 'goal', '--budget', values.budget);
  const of = (name) => {
    const points = readLines(path.join(folder, 'runs', `${name}-${seed}`, 'sweep', 'results.jsonl')).filter(({ kind }) => kind !== 'init');
    const cpu = readLines(path.join(folder, 'runs', `${name}-${seed}`, 'sweep', 'metrics.jsonl')).reduce((sum, row) => sum + row.pointCpuSeconds, 0);
    return { points, cpu };
  };
  const [grid, search] = [of('grid'), of('search')];
  const found = Number(/value (\S+),/.exec(stdout)[1].replace('−', '-'));
  const better = grid.points.filter(({ rewards: { goal: { samples } } }) => mean(samples.slice(samples.length / 2)) > found).length;
  process.stdout.write(`| ${seed} | ${heldOut(grid.points.filter(({ kind }) => kind === 'expert')).value.toFixed(3)} | ${heldOut(grid.points).value.toFixed(3)} | ${grid.points.length} | ${grid.cpu.toFixed(0)} | ${found.toFixed(3)} | ${search.points.length} | ${search.cpu.toFixed(0)} | ${better} |\n`);
}
rmSync(folder, { recursive: true });
