import { stat } from 'node:fs/promises';
import { fileSystemError, throwIfAborted } from '../../checkpoint/errors';
import { readLoraAdapter } from '../../checkpoint/lora-adapter';
import type { NamedCheckpoint } from '../../checkpoint/names';
import { FileCache } from '../sources/open-files';
import { factorsOf, moduleTerms } from './module-terms';
import { differenceAt, productsOf, type FactorProducts } from './update-algebra';

/** How far the two ways to blend adapters are apart in one module. */
export interface ModuleDifference {
  readonly module: string;
  /** ‖ΔW_factor − ΔW_delta‖/‖ΔW_delta‖; null where ΔW_delta is zero, or there is no factor space (ranks, scales or modules differ) */
  readonly relativeDifference: number | null;
}

/** All that the difference depends on but λ. */
export interface SpaceComparison {
  readonly modules: readonly { readonly module: string; readonly adapters: readonly number[]; readonly products: FactorProducts }[];
}

/**
 * Reads the factors of adapters once; `moduleDifferences` then answers for any λ, before anything is blended. Gives the
 * thread back between modules.
 * @throws PreflightError where updates of one module have other shapes, UnsupportedAdapterError, MalformedAdapterError,
 *   InterruptedError when `signal` is aborted
 */
export async function openSpaceComparison(inputs: readonly NamedCheckpoint[], signal?: AbortSignal): Promise<SpaceComparison> {
  const terms = moduleTerms(inputs.map(({ name, checkpoint }) => ({ name, adapter: readLoraAdapter(checkpoint), weight: 1 })));
  const files = new FileCache();
  const modules = [];
  try {
    for (const one of terms) {
      throwIfAborted(signal);
      modules.push({ module: one.name, adapters: one.terms.map(({ from }) => from), products: productsOf(factorsOf(one, files)) });
      await new Promise(setImmediate);
    }
  } finally {
    files.close();
  }
  return { modules };
}

let last: { readonly key: string; readonly comparison: SpaceComparison } | null = null;

/**
 * The same for adapters whose λ is being tried out: as long as their files and configs are those of the last call,
 * nothing is read again.
 * @throws as `openSpaceComparison`
 */
export async function rememberedComparison(inputs: readonly NamedCheckpoint[]): Promise<SpaceComparison> {
  const files = await Promise.all(inputs.flatMap(({ checkpoint }) => checkpoint.files).map(async (file) => {
    const { size, mtimeMs, ino } = await stat(file).catch((error: unknown) => {
      throw fileSystemError(file, error);
    });
    return [file, size, mtimeMs, ino];
  }));
  const key = JSON.stringify([files, inputs.map(({ checkpoint }) => checkpoint.config)]);
  if (last?.key !== key) last = { key, comparison: await openSpaceComparison(inputs) };
  return last.comparison;
}

/**
 * The difference of the two spaces at λ, module by module; modules that only adapters of weight 0 have are left out.
 * @param weights in the order of the adapters
 */
export function moduleDifferences({ modules }: SpaceComparison, weights: readonly number[]): ModuleDifference[] {
  const used = weights.filter((weight) => weight !== 0).length;
  return modules.flatMap(({ module, adapters, products }) => {
    const own = adapters.map((index) => weights[index]);
    const present = own.filter((weight) => weight !== 0).length;
    // what an adapter lacks cannot be averaged with what it has
    return present === 0 ? [] : [{ module, relativeDifference: present === used ? differenceAt(products, own) : null }];
  });
}
