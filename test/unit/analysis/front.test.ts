import fc from 'fast-check';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { paretoFront } from '../../../src/analysis/front';
import { hypervolume } from '../../../src/analysis/hypervolume';
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
