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

/** Memory of `factorsOf`: what one module leaves is taken by the next, since garbage would be collected too late. */
const buffers: ArrayBuffer[] = [];

function buffer(index: number, sizeBytes: number): ArrayBuffer {
  if ((buffers[index]?.byteLength ?? 0) < sizeBytes) buffers[index] = new ArrayBuffer(sizeBytes);
  return buffers[index];
}

/** The factors of a module, decoded; void after the next call. */
export function factorsOf({ terms }: ModuleTerms, files: OpenFiles): Factors[] {
  const matrix = (index: number, length: number): Float64Array => new Float64Array(buffer(index, 8 * length), 0, length);
  return terms.map(({ module: { a, b, rank, scale }, weight }, term) => {
    const read = (tensor: LoraModule['a'], into: Float64Array): Float64Array => {
      const weighted = { tensor, weight: 1 };
      const bytes = new Uint8Array(buffer(0, storedBytes(weighted)), 0, storedBytes(weighted));
      files.read(tensor.file, tensor.position, bytes);
      return weightedSum([weighted], [bytes], into);
    };
    const [lengthA, lengthB] = [elementCount(a.shape), elementCount(b.shape)];
    const rows = read(a, matrix(2 + 2 * term, lengthA));
    const columns = transpose(read(b, matrix(1, lengthB)), lengthB / rank, rank, matrix(3 + 2 * term, lengthB));
    const vectors = (values: Float64Array) => Array.from({ length: rank }, (_, k) => values.subarray((k * values.length) / rank, ((k + 1) * values.length) / rank));
    return { a: vectors(rows), b: vectors(columns), scale, weight };
  });
}

/** That every module is in the base. @throws AdapterMismatchError */
export function checkBase(base: Checkpoint, adapters: readonly WeightedAdapter[]): void {
  for (const { adapter } of adapters) for (const name of adapter.modules.keys()) weightOf(base, adapter, name);
}
