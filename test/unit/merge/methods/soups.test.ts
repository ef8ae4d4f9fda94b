import { readFileSync } from 'node:fs';
import path from 'node:path';
import { f32, floatsOf, mergeInMemory } from './in-memory';

interface Case { readonly method: string; readonly experts: number; readonly weights?: readonly number[]; readonly parameters?: Readonly<Record<string, number>>; readonly expected: readonly number[] }
const { base, experts, fishers, cases } = JSON.parse(readFileSync(path.join(__dirname, '../../../fixtures/merge/soups/soups.json'), 'utf8')) as { base: number[]; experts: number[][]; fishers: number[][]; cases: Case[] };

describe('by the formulas of the papers', () => {
  test.each(cases)('$method of $experts, $weights, $parameters', ({ method, experts: count, weights, parameters, expected }) => {
    const inputs = experts.slice(0, count).map((values, i) => f32(`e${i}`, Float32Array.from(values), weights && { weight: weights[i] }));
    const others = method === 'fisher' ? fishers.slice(0, count).map((values, i) => f32(`f${i}`, Float32Array.from(values))) : method === 'uniform' ? [] : [f32('base', Float32Array.from(base))];
    const merged = floatsOf(mergeInMemory({ method, shape: [4, 6], base: 'base', parameters, inputs: [...others.filter(({ name }) => name === 'base'), ...inputs, ...others.filter(({ name }) => name !== 'base')] }));
    for (const [k, value] of merged.entries()) expect(Math.abs(value - expected[k])).toBeLessThanOrEqual(3e-7 * Math.max(1, Math.abs(expected[k])));
  });

  test('where no Fisher says anything, the weights alone decide', () => {
    const [a, b] = [1, 3].map((x, i) => f32(`e${i}`, Float32Array.of(x), { weight: i + 1 }));
    const nothing = [0, 1].map((i) => f32(`f${i}`, Float32Array.of(0)));
    for (const floor of [0, 1e-6]) expect(floatsOf(mergeInMemory({ method: 'fisher', shape: [1], parameters: { floor }, inputs: [a, b, ...nothing] }))[0]).toBeCloseTo(7 / 3, 6);
  });
});
