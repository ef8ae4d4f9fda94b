import fc from 'fast-check';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { frontIntervals, paretoFront } from '../../../src/analysis/front';
import { hypervolume } from '../../../src/analysis/hypervolume';
import { additiveEpsilon, compareFronts, igdPlus } from '../../../src/analysis/indicators';
import type { ResultPoint } from '../../../src/analysis/results';
import reference from '../../fixtures/analysis/fronts.json';

const point = (kind: ResultPoint['kind'], name: string, a: number, b: number): ResultPoint => ({ kind, name, weights: null, rewards: { a: { mean: a }, b: { mean: b } } });

describe('hypervolume', () => {
  test('of boxes, by hand', () => {
    expect(hypervolume([[1, 3], [2, 2], [3, 1]], [0, 0])).toBe(6);
    expect(hypervolume([[1, 1, 2], [2, 1, 1], [1, 2, 1]], [0, 0, 0])).toBe(4);
    expect(hypervolume([[2, 0], [-1, 5]], [0, 0])).toBe(0);
    expect(hypervolume([], [0, 0])).toBe(0);
  });

  test('equals pymoo on 100 random fronts of 2 to 5 rewards', () => {
    expect(reference).toHaveLength(100);
    for (const { points, reference: at, hypervolume: volume } of reference) expect(hypervolume(points, at)).toBeCloseTo(volume, 10);
  });

  test('equals a Monte-Carlo estimate on the same fronts', () => {
    const random = xoroshiro128plus(1);
    for (const { points, reference: at } of reference) {
      const top = at.map((low, axis) => Math.max(low, ...points.map((p) => p[axis])));
      const box = top.reduce((product, high, axis) => product * (high - at[axis]), 1);
      if (box === 0) continue; // below the reference: equal to pymoo's 0 above
      const draws = 4000;
      let inside = 0;
      for (let draw = 0; draw < draws; draw++) {
        const at01 = at.map((low, axis) => low + (top[axis] - low) * uniformFloat64(random));
        inside += Number(points.some((p) => p.every((value, axis) => value >= at01[axis])));
      }
      const deviation = Math.sqrt(((inside / draws) * (1 - inside / draws)) / draws);
      expect(Math.abs(hypervolume(points, at) / box - inside / draws)).toBeLessThan(5 * deviation + 1e-3);
    }
  });

  test('of six rewards: a sphere of many points in time, and no smaller than any part of it', () => {
    const random = xoroshiro128plus(2);
    const points = Array.from({ length: 120 }, () => {
      const direction = Array.from({ length: 6 }, () => uniformFloat64(random));
      return direction.map((value) => value / Math.hypot(...direction));
    });
    const zero = [0, 0, 0, 0, 0, 0];
    const whole = hypervolume(points, zero);
    expect(whole).toBeGreaterThanOrEqual(hypervolume(points.slice(60), zero));
    expect(hypervolume([...points].reverse(), zero)).toBeCloseTo(whole, 12);
  });

  test('agrees with inclusion and exclusion in four dimensions', () => {
    const value = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value, value, value), { minLength: 1, maxLength: 5 }), (points) => {
        let expected = 0;
        for (let subset = 1; subset < 2 ** points.length; subset++) {
          const chosen = points.filter((_, index) => subset & (1 << index));
          const common = [0, 1, 2, 3].map((axis) => Math.min(...chosen.map((p) => p[axis])));
          expected += (chosen.length % 2 ? 1 : -1) * common.reduce((product, side) => product * side, 1);
        }
        expect(hypervolume(points, [0, 0, 0, 0])).toBe(expected);
      }),
    );
  });
});

describe('front', () => {
  const points = [point('init', 'init', 0, 0), point('expert', 'left', 1, 3), point('expert', 'right', 3, 1), point('soup', 'middle', 2.5, 2.5), point('soup', 'poor', 1, 2), point('morl', 'm', 2, 2)];

  test('names what dominates', () => {
    const report = paretoFront(points);
    const byName = Object.fromEntries(report.points.map((row) => [row.name, row]));
    expect(byName.middle.dominated).toBe(false);
    expect(byName.poor.dominatedBy).toEqual(['left', 'middle', 'm']);
    expect(byName.m.dominatedBy).toEqual(['middle']);
  });

  test('measures against nadir, init and a stated point', () => {
    expect(paretoFront(points)).toMatchObject({ reference: { a: 1, b: 1 }, hypervolume: { soup: 2.25, morl: 1 } });
    expect(paretoFront(points, { reference: 'init' }).hypervolume.soup).toBe(1 * 3 + 1.5 * 2.5 + 0.5 * 1);
    expect(paretoFront(points, { reference: [2, 2] }).hypervolume).toEqual({ soup: 0.25, morl: 0 });
    expect(() => paretoFront(points, { reference: [1] })).toThrow(/one number a reward/);
    expect(() => paretoFront(points.slice(1), { reference: 'init' })).toThrow(/no point of kind "init"/);
  });
});

describe('two fronts', () => {
  test("IGD⁺ equals pymoo's", () => {
    for (const { points, other, igdPlus: distance } of reference) expect(igdPlus(points, other)).toBeCloseTo(distance, 10);
  });

  test('ε is the least shift that covers: by bisection on the definition', () => {
    for (const { points, other } of reference.slice(0, 40)) {
      const covers = (shift: number) => other.every((z) => points.some((a) => a.every((value, axis) => value + shift >= z[axis])));
      let [low, high] = [-10, 10];
      for (let step = 0; step < 60; step++) {
        const middle = (low + high) / 2;
        if (covers(middle)) high = middle;
        else low = middle;
      }
      expect(additiveEpsilon(points, other)).toBeCloseTo(high, 9);
    }
  });

  test('are scaled to their common range, so that units do not matter', () => {
    const [soups, morl] = [[[0, 4], [4, 0], [3, 3]], [[2, 2]]];
    const scaled = (points: number[][]) => points.map(([x, y]) => [1000 * x + 7, y]);
    expect(compareFronts(soups, morl)).toEqual({ igdPlus: { soup: 0, morl: expect.closeTo((0.5 + 0.5 + Math.SQRT2 / 4) / 3, 12) }, epsilon: { soup: -0.25, morl: 0.5 } });
    const [a, b] = [compareFronts(soups, morl), compareFronts(scaled(soups), scaled(morl))];
    expect(b.igdPlus.morl).toBeCloseTo(a.igdPlus.morl, 12);
  });
});

describe('hypervolume intervals', () => {
  const noisy = (kind: ResultPoint['kind'], name: string, a: number, b: number): ResultPoint => {
    const of = (level: number, wave: number) => ({ mean: level, samples: [-1, 1, 2, -2].map((noise) => level + noise * wave) });
    return { kind, name, weights: null, rewards: { a: of(a, 0.1), b: of(b, 0.1) } };
  };

  test('of a single point with noise that both rewards share: by the bootstrap of the product', () => {
    const [expert, mean] = [noisy('expert', 'e', 2, 3), 6];
    const { intervals } = paretoFront([expert], { reference: [0, 0], resamples: 5000 });
    // 4 of 4 equal draws, (1/4)^4, is the extreme; four samples expand the level below that: the interval is that of all −2 and all +2
    expect(intervals!.soup[0]).toBeCloseTo(2 * mean - 2.2 * 3.2, 12);
    expect(intervals!.soup[1]).toBeCloseTo(2 * mean - 1.8 * 2.8, 12);
    expect(intervals!.soup[0]).toBeLessThan(mean);
    expect(intervals!.soup[1]).toBeGreaterThan(mean);
    expect(intervals).toMatchObject({ morl: null, difference: null });
  });

  test('are paired: noise that both fronts share cancels in the difference', () => {
    const { intervals } = paretoFront([noisy('expert', 'e', 2, 3), noisy('morl', 'm', 2, 3)], { reference: [0, 0] });
    expect(intervals!.difference).toEqual({ estimate: 0, ci: [0, 0] });
    expect(intervals!.soup[1] - intervals!.soup[0]).toBeGreaterThan(0.5);
  });

  test('are the same alone, whatever the reference', () => {
    const points = [noisy('init', 'i', 0, 1), noisy('expert', 'e', 2, 3), noisy('soup', 's', 3, 2), noisy('morl', 'm', 2, 2.5)];
    for (const options of [{}, { reference: 'init', alpha: 0.1, seed: 3 }] as const) expect(frontIntervals(points, options)).toEqual(paretoFront(points, options).intervals);
  });

  test('without samples there are none', () => expect(paretoFront([point('expert', 'e', 1, 1)]).intervals).toBeNull());
});

describe('equal compute', () => {
  const costing = (kind: ResultPoint['kind'], name: string, a: number, b: number, training: number): ResultPoint => ({ ...point(kind, name, a, b), compute: { training, evaluation: 10 } });
  const points = [costing('expert', 'x', 4, 0, 100), costing('expert', 'y', 0, 4, 100), costing('soup', 's', 3, 3, 0), costing('morl', 'm', 3.5, 3.5, 100), costing('morl', 'n', 2, 2, 100)];

  test('by hand: three trainings do not fit into what two experts and a soup took', () => {
    const { equalCompute: equal } = paretoFront(points, { reference: [-1, -1] });
    // soups: two trainings and three evaluations, 230; volume 4·4 + 1·1 + 1·1 = 18. MORL: the best two of four runs, m and an expert
    expect(equal).toEqual({
      soup: { trainings: 2, points: 1, compute: 230, hypervolume: 18 },
      morl: { trainings: 2, compute: 220, hypervolume: 4.5 * 4.5 + 0.5 * 1 },
      runsToMatch: 1,
      allMorl: { trainings: 4, compute: 440, hypervolume: 4.5 * 4.5 + 2 * 0.5 },
    });
  });

  test('null where a cost is not known', () => expect(paretoFront([...points.slice(1), point('expert', 'x', 4, 0)]).equalCompute).toBeNull());

  test('of more runs than can be tried in every combination: no better than all of them, and found step by step', () => {
    const many = [...points, ...Array.from({ length: 20 }, (_, k) => costing('morl', `r${k}`, k / 5, 4 - k / 5, 100))];
    const { equalCompute: equal } = paretoFront(many, { reference: [-1, -1] });
    expect(equal!.morl.hypervolume).toBeLessThanOrEqual(equal!.allMorl.hypervolume);
    expect(equal!.morl.compute).toBeLessThanOrEqual(equal!.soup.compute);
  });
});
