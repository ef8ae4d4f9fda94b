import { paretoFront } from '../../src/analysis/front';
import { checkLmc } from '../../src/analysis/lmc';
import type { PointKind, ResultPoint } from '../../src/analysis/results';
import { selectWeights } from '../../src/analysis/selection';
import { RandomStream } from '../../src/trainer/random';

export interface Table {
  readonly title: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

type Noise = (random: RandomStream) => number;

/** Noise of mean 0. */
const noises: Readonly<Record<string, Noise>> = {
  normal: (random) => random.normal(),
  'long upper tail': (random) => exponential(random) - 1,
  'long lower tail': (random) => 1 - exponential(random),
  'two long tails': (random) => random.normal() / Math.sqrt((random.normal() ** 2 + random.normal() ** 2 + random.normal() ** 2) / 3),
  'very long upper tail': (random) => Math.exp(random.normal()) - Math.sqrt(Math.E),
};
const exponential = (random: RandomStream): number => -Math.log(1 - random.uniform());

const holds = ([low, high]: readonly [number, number], truth: number): number => Number(low <= truth && truth <= high);
const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
const percent = (count: number, of: number): string => `${((100 * count) / of).toFixed(1)} %`;

function point(kind: PointKind, weights: Readonly<Record<string, number>>, rewards: Readonly<Record<string, readonly number[]>>): ResultPoint {
  return { kind, name: JSON.stringify(weights), weights, rewards: Object.fromEntries(Object.entries(rewards).map(([name, samples]) => [name, { mean: mean(samples), samples, n: samples.length }])) };
}

export const tables = { margins, hypervolumes, selections };

/** Two experts and a soup on their chord, with noise that all share and some of each one's own; the soup's has the given shape. */
function margins(simulations: number, seed: number): Table {
  const rows = Object.entries(noises).flatMap(([name, noise], index) => [8, 16, 32, 64, 200].map((n) => {
    const random = RandomStream.of(seed, 1000 * index + n);
    const count = { ci: 0, percentile: 0, bca: 0, rejected: 0, warned: 0 };
    for (let run = 0; run < simulations; run++) {
      const shared = Array.from({ length: n }, () => 5 * random.normal());
      const samples = (level: number, own: Noise) => ({ r: shared.map((common) => level + common + own(random)) });
      const quiet: Noise = (stream) => 0.1 * stream.normal();
      const { r } = checkLmc([point('expert', { a: 1, b: 0 }, samples(2, quiet)), point('expert', { a: 0, b: 1 }, samples(1, quiet)), point('soup', { a: 0.4, b: 0.6 }, samples(1.4, noise))], { resamples: 1000, seed: run }).rewards;
      const [{ ci, percentile, bca, pValue }] = r.points;
      count.ci += holds(ci!, 0);
      count.percentile += holds(percentile!, 0);
      count.bca += holds(bca!, 0);
      count.rejected += Number(pValue! <= 0.05);
      count.warned += Number(r.samplesToTrust !== null);
    }
    return [name, String(n), ...[count.percentile, count.bca, count.ci, count.rejected, count.warned].map((of) => percent(of, simulations))];
  }));
  return { title: `Margin of a soup: 95 % intervals that hold the true one, tests at 5 % that reject a true margin of 0, and checks that warn of few or skewed samples; ${simulations} simulations.`, header: ['noise', 'samples', 'percentile', 'BCa', 'interval of the verdict', 'test rejects', 'warned'], rows };
}

/** Eleven λ on a front of two rewards in [0, 1]. */
const front = Array.from({ length: 11 }, (_, index) => ({ b: index / 10, x: 1 - (index / 10) ** 2, y: 1 - (1 - index / 10) ** 2 }));

function sweep(random: RandomStream, n: number, own: number): ResultPoint[] {
  const shared = [0, 1].map(() => Array.from({ length: n }, () => random.normal()));
  const noisy = (level: number, reward: number) => shared[reward]!.map((common) => level + common + own * random.normal());
  return front.map(({ b, x, y }) => point(b === 0 || b === 1 ? 'expert' : 'soup', { a: 1 - b, b }, { x: noisy(x, 0), y: noisy(y, 1) }));
}

const settings = [0.2, 1].flatMap((own) => [16, 32, 64, 128].map((n) => ({ own, n })));
const reference = [-1, -1] as const;

function hypervolumes(of: number, seed: number): Table {
  const simulations = Math.ceil(of / 4);
  const truth = paretoFront(front.map(({ b, x, y }) => point('soup', { a: 1 - b, b }, { x: [x], y: [y] })), { reference, resamples: 0 }).hypervolume.soup;
  const rows = settings.map(({ own, n }) => {
    const random = RandomStream.of(seed, 10_000 + 100 * own + n);
    const [held, errors] = [[] as number[], [] as number[]];
    for (let run = 0; run < simulations; run++) {
      const { intervals, hypervolume } = paretoFront(sweep(random, n, own), { reference, seed: run });
      held.push(holds(intervals!.soup, truth));
      errors.push(hypervolume.soup - truth);
    }
    return [String(own), String(n), percent(held.reduce((sum, one) => sum + one, 0), simulations), mean(errors).toFixed(3)];
  });
  return { title: `Hypervolume of 11 points: 95 % intervals that hold the true one, ${truth.toFixed(2)}; noise of 1 that all points share, and of their own; ${simulations} simulations.`, header: ['own noise', 'samples', 'covered', 'mean error of the estimate'], rows };
}

function selections(of: number, seed: number): Table {
  const simulations = Math.ceil(of / 2);
  const valueAt = (b: number) => { const { x, y } = front[Math.round(10 * b)]!; return x + y; };
  const rows = settings.map(({ own, n }) => {
    const random = RandomStream.of(seed, 20_000 + 100 * own + n);
    const sums = { value: 0, regret: 0, apparent: 0, validated: 0 };
    for (let run = 0; run < simulations; run++) {
      const { weights, value, regret } = selectWeights(sweep(random, n, own), 'x + y', { resamples: 1000, seed: run });
      const truth = valueAt(weights.b!);
      sums.value += holds(value.ci!, truth);
      sums.regret += holds(regret!.ci!, valueAt(regret!.expert === 'b' ? 1 : 0) - truth);
      sums.apparent += value.apparent - truth;
      sums.validated += value.estimate - truth;
    }
    return [String(own), String(n), percent(sums.value, simulations), percent(sums.regret, simulations), (sums.apparent / simulations).toFixed(3), (sums.validated / simulations).toFixed(3)];
  });
  return { title: `Selection of λ among 11 for x + y: 95 % intervals that hold the true value and the true regret of the chosen λ, and the mean error of the value; ${simulations} simulations.`, header: ['own noise', 'samples', 'value covered', 'regret covered', 'error on the choosing samples', 'error cross-validated'], rows };
}
