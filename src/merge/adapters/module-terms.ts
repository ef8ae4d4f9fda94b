import { weightOf } from '../../checkpoint/adapted';
import type { Checkpoint } from '../../checkpoint/checkpoint';
import { readLoraAdapter, type LoraAdapter, type LoraModule } from '../../checkpoint/lora-adapter';
import { storedBytes, transpose, weightedSum } from '../../checkpoint/low-rank';
import type { NamedCheckpoint } from '../../checkpoint/names';
import { elementCount } from '../../checkpoint/safetensors-header';
import { PreflightError } from '../errors';
import type { OpenFiles } from '../sources/source';
import type { Factors } from './update-algebra';

/** An adapter that takes part in a blend. */
export interface WeightedAdapter {
  readonly name: string;
  readonly adapter: LoraAdapter;
  readonly weight: number;
}

/** A module, and what every adapter that has it adds. */
export interface ModuleTerms {
  readonly name: string;
  readonly terms: readonly ModuleTerm[];
}

interface ModuleTerm {
  /** index of the adapter */
  readonly from: number;
  readonly module: LoraModule;
  readonly weight: number;
}

/** Adapters with λ ≠ 0: the others add nothing and are not read. */
export function weightedAdapters(inputs: readonly NamedCheckpoint[], weights: readonly number[]): WeightedAdapter[] {
  return inputs.map(({ name, checkpoint }, i) => ({ name, adapter: readLoraAdapter(checkpoint), weight: weights[i] })).filter(({ weight }) => weight !== 0);
}

/**
 * The modules of all adapters, in the order of the first that has them.
 * @throws PreflightError where updates of one module have other shapes or are laid out otherwise
 */
export function moduleTerms(adapters: readonly WeightedAdapter[]): ModuleTerms[] {
  const byName = new Map<string, ModuleTerm[]>();
  const problems: string[] = [];
  for (const [from, { name, adapter, weight }] of adapters.entries()) {
    for (const module of adapter.modules.values()) {
      const terms = byName.get(module.name) ?? [];
      const [first] = terms;
      const firstName = first && adapters[first.from].name;
      const shape = ({ a, b, rank }: LoraModule) => `[${elementCount(b.shape) / rank}, ${elementCount(a.shape) / rank}]`;
      if (first && (shape(first.module) !== shape(module) || first.module.kind !== module.kind)) problems.push(`${module.name}: ${firstName} adds ${shape(first.module)}, ${name} adds ${shape(module)} — blend adapters of one base`);
      else if (first && first.module.isTransposed !== module.isTransposed) problems.push(`${module.name}: ${firstName} and ${name} differ in fan_in_fan_out — correct one of them`);
      byName.set(module.name, [...terms, { module, weight, from }]);
    }
  }
  if (problems.length > 0) throw new PreflightError(problems);
  return [...byName].map(([name, terms]) => ({ name, terms }));
}

/** The factors of a module, decoded. */
export function factorsOf({ terms }: ModuleTerms, files: OpenFiles): Factors[] {
  return terms.map(({ module: { a, b, rank, scale }, weight }) => {
    const [rows, columns] = [a, b].map((tensor) => {
      const weighted = { tensor, weight: 1 };
      const bytes = new Uint8Array(storedBytes(weighted));
      files.read(tensor.file, tensor.position, bytes);
      return weightedSum([weighted], [bytes]);
    });
    const vectors = (matrix: Float64Array) => Array.from({ length: rank }, (_, k) => matrix.subarray((k * matrix.length) / rank, ((k + 1) * matrix.length) / rank));
    return { a: vectors(rows), b: vectors(transpose(columns, columns.length / rank, rank)), scale, weight };
  });
}

/** That every module is in the base. @throws AdapterMismatchError */
export function checkBase(base: Checkpoint, adapters: readonly WeightedAdapter[]): void {
  for (const { adapter } of adapters) for (const name of adapter.modules.keys()) weightOf(base, adapter, name);
}
