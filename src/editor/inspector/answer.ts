import type { MeasuredDifference } from '../../checkpoint/worker/work';
import type { ShownComparison, ToInspector } from '../../protocol/inspector';
import { jsonWith, type Sendable } from '../panels/message-queue';
import type { LocalCopies } from '../virtual-files/local-copies';

/** A comparison as the worker has made it: of a hundred thousand tensors, its objects alone would hold up the extension host. */
export type MadeComparison = Omit<ShownComparison, 'tensors'> & Pick<MeasuredDifference, 'tensorsJson'>;

/** What an inspection comes to, with paths of this disk. */
export type Answer =
  | Exclude<ToInspector, { readonly type: 'comparison' }>
  | { readonly type: 'comparison'; readonly result: MadeComparison | { readonly error: string } };

/** The message to the page: with paths as the user knows them, and as JSON where it may be long. */
export function shownAnswer(answer: Answer, copies: Pick<LocalCopies, 'shown' | 'inWords'>): Sendable<ToInspector> {
  if (!('result' in answer)) return answer;
  if ('error' in answer.result) return { ...answer, result: { error: copies.inWords(answer.result.error) } };
  if (answer.type !== 'comparison') return answer;
  const { tensorsJson, reference, base, ...rest } = answer.result;
  return jsonWith({ type: 'comparison' }, 'result', jsonWith({ ...rest, reference: copies.shown(reference), base: base === null ? null : copies.shown(base) }, 'tensors', tensorsJson));
}
