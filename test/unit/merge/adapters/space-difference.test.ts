import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { openCheckpoint } from '../../../../src/checkpoint/checkpoint';
import { nameCheckpoints } from '../../../../src/checkpoint/names';
import { planAdapterBlend } from '../../../../src/merge/adapters/plan-adapter-blend';
import { moduleDifferences, openSpaceComparison } from '../../../../src/merge/adapters/space-difference';

const fixtures = path.join(__dirname, '../../../fixtures/adapters');
interface Case { readonly adapters: string[]; readonly weights: number[]; readonly modules: Record<string, { difference: number | null }> }
const cases = JSON.parse(readFileSync(path.join(fixtures, 'blends.json'), 'utf8')) as Case[];
const open = async (names: readonly string[]) => nameCheckpoints(await Promise.all(names.map((name) => openCheckpoint(path.join(fixtures, name)))));

test.each(cases)('before a blend, as numpy has it: $adapters at $weights', async ({ adapters, weights, modules }) => {
  const rows = moduleDifferences(await openSpaceComparison(await open(adapters)), weights);
  expect(rows.map(({ module }) => module).sort()).toEqual(Object.keys(modules).sort());
  for (const { module, relativeDifference } of rows) {
    const { difference } = modules[module];
    if (difference === null) expect(relativeDifference).toBeNull();
    else expect(relativeDifference).toBeCloseTo(difference, 6);
  }
});

test('what the blend itself reports, at any λ, adapters of weight 0 left out', async () => {
  const inputs = await open(['plain', 'other', 'wide']);
  const comparison = await openSpaceComparison(inputs);
  const weight = fc.constantFrom(0, 0.2, 0.5, 1, -0.5);
  await fc.assert(fc.asyncProperty(fc.tuple(weight, weight, weight).filter((weights) => weights.some((w) => w !== 0)), async (weights) => {
    const { report } = await planAdapterBlend(inputs, { weights, space: 'delta', rank: null, base: null, mergeIntoBase: false, dtype: null, metadata: {} });
    expect(Object.fromEntries(moduleDifferences(comparison, weights).map(({ module, relativeDifference }) => [module, relativeDifference]))).toEqual(report.differences);
  }), { numRuns: 30 });
});

test('reading can be stopped', async () => {
  const controller = new AbortController();
  const reading = openSpaceComparison(await open(['plain', 'other']), controller.signal);
  controller.abort();
  await expect(reading).rejects.toMatchObject({ name: 'InterruptedError' });
});
