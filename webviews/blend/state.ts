import { uniformLambda, withLinkedWeight, type Curves } from '../../src/analysis/linked-weights';
import type { BlendDraft } from '../../src/merge/blend-draft';
import type { ParameterValue } from '../../src/merge/methods/parameter';
import { resolveWeights, type Weight } from '../../src/merge/weights';
import { isBlendDraft, type BlendSetup, type MethodForm } from '../../src/protocol/blend-panel';
import type { PlaygroundState } from './playground';

/** What a reload brings back; states of another version are left alone. */
export interface BlendState {
  readonly version: 1;
  readonly draft: BlendDraft;
  /** weights that are moved together, so that they stay on the simplex */
  readonly isLinked: boolean;
  /** null where the proposed name is taken */
  readonly name: string | null;
  /** an expression over rewards, for the λ that fits it best */
  readonly preference: string;
  readonly playground: PlaygroundState;
}

export function freshState(draft: BlendDraft): BlendState {
  return { version: 1, draft, isLinked: true, name: null, preference: '', playground: { prompt: null, episodes: 8 } };
}

export function restoredState(saved: unknown): BlendState | null {
  const state = saved as Partial<BlendState> | undefined;
  const isState = state?.version === 1 && isBlendDraft(state.draft) && typeof state.isLinked === 'boolean' && (state.name === null || typeof state.name === 'string') && typeof state.preference === 'string' && isPlayground(state.playground);
  return isState ? (state as BlendState) : null;
}

function isPlayground(value: unknown): value is PlaygroundState {
  const { prompt, episodes } = (value ?? {}) as Partial<PlaygroundState>;
  return (prompt === null || typeof prompt === 'string') && Number.isSafeInteger(episodes) && episodes! > 0;
}

/** The state for a setup: the kept one where it is of the same checkpoints, with the weights that were asked for now. */
export function stateFor({ setup, draft, isFresh }: { readonly setup: BlendSetup; readonly draft: BlendDraft; readonly isFresh: boolean }, kept: BlendState | null): BlendState {
  if (kept?.draft.inputs.join('\n') !== draft.inputs.join('\n')) return freshState(draft);
  return isFresh ? { ...kept, draft: withMeasuredLambda(setup, kept.draft, draft.weights) } : kept;
}

/** The λ of a linear soup that was measured, in sight: the same in all layers, and of a method that takes weights. */
export function withMeasuredLambda(setup: BlendSetup, draft: BlendDraft, weights: readonly number[]): BlendDraft {
  const method = methodOf(setup, draft).takesWeights ? draft : withMethod(setup, draft, 'linear');
  return { ...method, weights, curves: null };
}

export function methodOf({ methods }: BlendSetup, { method }: BlendDraft): MethodForm {
  return methods.find(({ name }) => name === method) ?? methods[0]!;
}

/** Positions of the inputs that are experts, as the merge takes them. */
export function expertsOf(setup: BlendSetup, draft: BlendDraft): number[] {
  const takesBase = methodOf(setup, draft).base !== 'none';
  return [...setup.inputs.keys()].filter((index) => !takesBase || setup.inputs[index]!.path !== draft.base);
}

/** Another method: parameters that it has too keep their values. */
export function withMethod(setup: BlendSetup, draft: BlendDraft, name: string): BlendDraft {
  const next = { ...draft, method: name };
  const { parameters, modelParameters } = methodOf(setup, next);
  const known = new Set([...parameters, ...modelParameters].map((field) => field.name));
  return { ...next, parameters: Object.fromEntries(Object.entries(draft.parameters).filter(([key]) => known.has(key.slice(key.lastIndexOf('.') + 1)))) };
}

/** One parameter set, or left to its default where null. */
export function withParameter(draft: BlendDraft, key: string, value: ParameterValue | null): BlendDraft {
  const { [key]: _, ...others } = draft.parameters;
  return { ...draft, parameters: value === null ? others : { ...others, [key]: value } };
}

/** The experts' weights replaced; an input that is the base keeps its own, which is not used. */
export function withLambda(draft: BlendDraft, experts: readonly number[], lambda: readonly number[]): BlendDraft {
  return { ...draft, weights: draft.weights.map((weight, index) => (experts.includes(index) ? lambda[experts.indexOf(index)]! : weight)) };
}

/** The experts' curves over the layers; null where λ is the same in all of them, or an expert became the base since. */
export function curvesOf(draft: BlendDraft, experts: readonly number[]): number[][] | null {
  return draft.curves && experts.map((index) => [...(draft.curves![index] ?? [])]);
}

/** The experts' curves replaced; null takes them all away. */
export function withCurves(draft: BlendDraft, experts: readonly number[], curves: Curves | null): BlendDraft {
  if (curves === null) return { ...draft, curves: null };
  const points = curves[0]?.length ?? 0;
  return { ...draft, curves: draft.inputs.map((_, index) => (experts.includes(index) ? curves[experts.indexOf(index)]! : Array.from({ length: points }, () => 0))) };
}

export function lambdaOf(draft: BlendDraft, experts: readonly number[]): number[] {
  const lambda = experts.map((index) => draft.weights[index] ?? 0);
  return lambda.length === draft.weights.length ? lambda : onSimplexOr(lambda);
}

/** Weights of fewer experts than inputs, after one became the base. */
function onSimplexOr(lambda: readonly number[]): number[] {
  const sum = lambda.reduce((total, weight) => total + weight, 0);
  if (Math.abs(sum - 1) < 1e-6) return [...lambda];
  return sum > 0 ? withLinkedWeight(lambda, 0, lambda[0]! / sum) : uniformLambda(lambda.length);
}

/** What is wrong with λ, by the rules of the command line; null where nothing is. */
export function lambdaProblem(draft: BlendDraft, experts: readonly number[], names: readonly string[]): string | null {
  try {
    resolveWeights<Weight>(curvesOf(draft, experts) ?? lambdaOf(draft, experts), names, { extrapolate: draft.extrapolate || draft.method !== 'linear' });
    return null;
  } catch (error) {
    // what follows the dash advises options of the command line
    return error instanceof Error ? error.message.replace(/ — .*$/, '') : String(error);
  }
}
