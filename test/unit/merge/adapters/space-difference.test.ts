import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { openCheckpoint } from '../../../../src/checkpoint/checkpoint';
import { nameCheckpoints } from '../../../../src/checkpoint/names';
import { planAdapterBlend } from '../../../../src/merge/adapters/plan-adapter-blend';
import { moduleDifferences, openSpaceComparison, rememberedComparison } from '../../../../src/merge/adapters/space-difference';

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

test('is read once for all λ, and again when a file or a config changes', async () => {
  const root = mkdtempSync(path.join(tmpdir(), 'soup-'));
  try {
    for (const name of ['plain', 'other']) cpSync(path.join(fixtures, name), path.join(root, name), { recursive: true });
    const opened = async () => nameCheckpoints(await Promise.all(['plain', 'other'].map((name) => openCheckpoint(path.join(root, name)))));
    const first = await rememberedComparison(await opened());
    expect(await rememberedComparison(await opened())).toBe(first);
    cpSync(path.join(fixtures, 'plain'), path.join(root, 'other'), { recursive: true });
    const second = await rememberedComparison(await opened());
    expect(moduleDifferences(second, [0.5, 0.5]).every(({ relativeDifference }) => (relativeDifference ?? 1) < 1e-6)).toBe(true);
    const config = path.join(root, 'other/adapter_config.json');
    writeFileSync(config, readFileSync(config, 'utf8').replace(/"lora_alpha": \d+/, '"lora_alpha": 77'));
    expect(moduleDifferences(await rememberedComparison(await opened()), [0.5, 0.5]).every(({ relativeDifference }) => relativeDifference === null)).toBe(true);
  } finally {
    rmSync(root, { recursive: true });
  }
});

test('reading can be stopped', async () => {
  const controller = new AbortController();
  const reading = openSpaceComparison(await open(['plain', 'other']), controller.signal);
  controller.abort();
  await expect(reading).rejects.toMatchObject({ name: 'InterruptedError' });
});
