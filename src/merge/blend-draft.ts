import type { FloatDtype } from '../checkpoint/dtype';
import type { BlendOptions } from './blend';
import { isAverage } from './blend-request';
import type { MergeMethod } from './methods/method';
import type { ParameterValue } from './methods/parameter';

/** A blend that somebody is making up: every choice has a value, plain JSON, and some may not go together yet. */
export interface BlendDraft {
  /** absolute paths of the checkpoints that were chosen; one of them may be the base */
  readonly inputs: readonly string[];
  readonly method: string;
  /** of each input, in their order */
  readonly weights: readonly number[];
  /** instead of them, the weights of each input over the layers, [inputs][points]; null for the same in all layers */
  readonly curves: readonly (readonly number[])[] | null;
  /** λ outside the simplex is meant */
  readonly extrapolate: boolean;
  /** by name, of the whole merge or of every expert; `<expert>.<name>` of one; of this method alone */
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  /** absolute path */
  readonly base: string | null;
  /** absolute path of the Fisher information of each input, for the method that takes it; empty until it is chosen */
  readonly fishers: readonly string[];
  readonly dtype: FloatDtype | null;
  readonly seed: number;
  readonly space: 'factor' | 'delta';
  readonly rank: number | null;
  readonly mergeIntoBase: boolean;
}

/** Whether λ is asked for at all; the mean of all has none. */
export function takesWeights({ modelParameters }: MergeMethod): boolean {
  return Object.hasOwn(modelParameters, 'weight');
}

/** Positions of the inputs that are experts: a method with a base does not take the base for one of them. */
export function expertIndices({ inputs, base }: Pick<BlendDraft, 'inputs' | 'base'>, method: MergeMethod): number[] {
  return [...inputs.keys()].filter((index) => method.inputs.base === 'none' || inputs[index] !== base);
}

/**
 * What `blend` is to be called with: settings that the method, or the kind of the checkpoints, has no use for are left out.
 * @param areAdapters whether all inputs are adapters
 */
export function blendOptionsOf(draft: BlendDraft, method: MergeMethod, areAdapters: boolean): Omit<BlendOptions, 'output'> {
  const experts = expertIndices(draft, method);
  const isBaseApart = draft.base !== null && (method.inputs.base !== 'none' || !draft.inputs.includes(draft.base));
  const isDelta = draft.space === 'delta';
  return {
    inputs: experts.map((index) => draft.inputs[index]),
    method: draft.method,
    parameters: draft.parameters,
    ...(takesWeights(method) ? { weights: experts.map((index) => draft.curves?.[index] ?? draft.weights[index]) } : {}),
    ...(draft.extrapolate && method.name === 'linear' ? { extrapolate: true } : {}),
    ...(isBaseApart ? { base: draft.base! } : {}),
    ...(method.takesFishers ? { fishers: experts.map((index) => draft.fishers[index] ?? '') } : {}),
    ...(draft.dtype === null ? {} : { dtype: draft.dtype }),
    ...(method.isRandom ? { seed: draft.seed } : {}),
    ...(areAdapters && isAverage(method) ? { space: draft.space, ...(draft.mergeIntoBase ? { mergeIntoBase: true } : isDelta && draft.rank !== null ? { rank: draft.rank } : {}) } : {}),
  };
}
