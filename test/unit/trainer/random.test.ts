import { RandomStream } from '../../../src/trainer/random';

const draw = (stream: RandomStream, n: number) => Array.from({ length: n }, () => stream.normal());

test('a restored stream draws what the original goes on to draw', () => {
  const stream = RandomStream.of(3, 5);
  // an odd number of normals leaves a cached one behind
  for (const drawn of [0, 1, 8]) {
    draw(stream, drawn);
    const copy = RandomStream.from(JSON.parse(JSON.stringify(stream.state())) as number[]);
    expect(draw(copy, 9)).toEqual(draw(stream, 9));
  }
});

test('streams of neighbouring seeds and numbers differ', () => {
  const firsts = new Set([0, 1, 2].flatMap((seed) => [0, 1, 2, 16].map((number) => RandomStream.of(seed, number).uniform())));
  expect(firsts.size).toBe(12);
});

test('uniform and normal numbers have the moments of their distributions', () => {
  const stream = RandomStream.of(0, 0);
  const n = 200_000;
  const uniform = Array.from({ length: n }, () => stream.uniform(-1, 3));
  expect(Math.min(...uniform.slice(0, 1000))).toBeGreaterThanOrEqual(-1);
  expect(uniform.reduce((sum, value) => sum + value, 0) / n).toBeCloseTo(1, 1);
  const normal = draw(stream, n);
  const mean = normal.reduce((sum, value) => sum + value, 0) / n;
  const moment = (power: number) => normal.reduce((sum, value) => sum + value ** power, 0) / n;
  expect(Math.abs(mean)).toBeLessThan(0.01);
  expect(moment(2)).toBeCloseTo(1, 1);
  expect(moment(4)).toBeCloseTo(3, 0);
});

test('a permutation holds every index once', () => {
  const order = RandomStream.of(1, 1).permutation(100);
  expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
});
