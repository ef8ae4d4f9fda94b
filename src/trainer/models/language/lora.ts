import { adaptedLinears, adapterScale, type AdapterFactors } from '../../../architecture/adapter-factors';
import type { Architecture } from '../../../architecture/architecture';
import { RandomStream } from '../../random';
import type { LoraSettings, WeightArray } from '../language-model';

/** Low-rank adapter of one linear layer: ΔW = scale · B A, added to W [outputs, inputs]. */
export interface LinearAdapter extends Omit<AdapterFactors, 'a' | 'b'> {
  /** [rank, inputs] */
  readonly a: Float32Array;
  /** [outputs, rank] */
  readonly b: Float32Array;
}

/** Adapters of a model, by the name of the linear layer. */
export type AdapterSet = ReadonlyMap<string, LinearAdapter>;

/**
 * A new adapter that changes nothing yet: A uniform within ±1/√inputs (PEFT's Kaiming initialisation with a = √5), B zero.
 * @throws UnknownLoraTargetError when a target names no linear layer
 */
export function createAdapters(architecture: Architecture, settings: LoraSettings, seed: number): AdapterSet {
  const { rank, alpha, dropout = 0, targets, rankStabilised = false } = settings;
  return new Map(adaptedLinears(architecture, targets).map((linear, index) => {
    const random = RandomStream.of(seed, index);
    const bound = 1 / Math.sqrt(linear.inputs);
    const a = Float32Array.from({ length: rank * linear.inputs }, () => random.uniform(-bound, bound));
    return [linear.name, { linear, rank, scale: adapterScale(alpha, rank, rankStabilised), dropout, a, b: new Float32Array(linear.outputs * rank) }];
  }));
}

/** PEFT's name of one factor of a layer's adapter. */
export function factorName(linear: string, factor: 'A' | 'B'): string {
  return `base_model.model.${linear}.lora_${factor}.weight`;
}

/** Both factors of every adapter, under PEFT's names. */
export function factorArrays(adapters: AdapterSet): WeightArray[] {
  return [...adapters.values()].flatMap(({ linear, rank, a, b }) => [
    { name: factorName(linear.name, 'A'), shape: [rank, linear.inputs], values: a },
    { name: factorName(linear.name, 'B'), shape: [linear.outputs, rank], values: b },
  ]);
}

/** Adds scale · B A to a weight in its own layout, in place. */
export function mergeAdapter({ linear, rank, scale, a, b }: LinearAdapter, weight: Float32Array): void {
  const { inputs, outputs, layout } = linear;
  for (let out = 0; out < outputs; out++) {
    for (let k = 0; k < rank; k++) {
      const factor = scale * b[out * rank + k]!;
      if (factor === 0) continue;
      for (let i = 0; i < inputs; i++) weight[layout === 'out-in' ? out * inputs + i : i * outputs + out]! += factor * a[k * inputs + i]!;
    }
  }
}
