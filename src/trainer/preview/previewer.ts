import type { FromPreview, PreviewPoint, PreviewTask, PreviewWeights, ToPreview } from '../../protocol/preview';
import { SoupError } from '../../errors';
import { weightsName } from '../../experiment/experts';
import { resolveWeights } from '../../merge/weights';
import { nextTurn } from '../stop-request';

export type PreviewRequest = Extract<ToPreview, { readonly type: 'text' | 'episodes' }>;
type Answer = Extract<FromPreview, { readonly type: 'text' | 'episodes' | 'scores' }>;
export type PointAnswer = Answer extends infer A ? (A extends Answer ? Omit<A, 'id' | 'point'> : never) : never;

/** Base and experts of one kind in memory. */
export interface Previewer {
  readonly task: PreviewTask;
  readonly experts: readonly string[];
  /** θ₀'s directory; null where none is known */
  readonly base: string | null;
  readonly backend: string;
  readonly device: string;
  /** What one point does: tells it as it comes. @throws InterruptedError once `signal` is aborted */
  answer(point: PreviewPoint, request: PreviewRequest, tell: (answer: PointAnswer) => void, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** The points that answer a request: its soups, then the base where there is one, then the experts. @throws InvalidWeightsError */
export function pointsOf(weights: readonly PreviewWeights[], experts: readonly string[], hasBase: boolean): PreviewPoint[] {
  const soups = weights.map((given): PreviewPoint => {
    resolveWeights(given, experts, { extrapolate: true });
    return { kind: 'soup', name: weightsName(given), weights: given };
  });
  const others = [...(hasBase ? [{ kind: 'init', name: 'base' } as const] : []), ...experts.map((name) => ({ kind: 'expert', name }) as const)];
  return [...soups, ...others.map((point) => ({ ...point, weights: null }))];
}

/** λ of a point, in the order of the experts. */
export function weightsOf({ kind, name, weights }: PreviewPoint, experts: readonly string[]): number[] {
  return experts.map((expert) => (kind === 'expert' ? Number(expert === name) : (weights?.[expert] ?? 0)));
}

/** Lets messages in, and ends work that they have made obsolete. */
export async function turn(signal: AbortSignal): Promise<void> {
  await nextTurn();
  if (signal.aborted) throw interrupted();
}

export function interrupted(): SoupError {
  return new SoupError('InterruptedError', 'interrupted', { isInput: false });
}

export function wrongRequest(type: string, task: string): SoupError {
  return new SoupError('PreviewRequestError', `the preview holds ${task === 'text' ? 'language models, which continue prompts' : 'policies, which play episodes'}: it cannot answer "${type}"`);
}
