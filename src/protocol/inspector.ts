import type { TensorStatistics } from '../checkpoint/statistics';
import { isCount, isEither, isListOf, isNullOr, isNumber, isObject, isOneOf, isPairOf, isText, messageReader } from './check';
import type { FromPanel } from './panels';

/*
 * The page of the inspector: it gets what the headers say with each selection, and asks for everything that has to read
 * values. The host answers as the worker gets on; a new selection ends the work of the old one.
 */

export interface InspectedTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: number;
}

/** A file that says where the checkpoint comes from, or another checkpoint. */
export interface ProvenanceLink {
  readonly label: string;
  readonly text: string;
  readonly path: string;
  readonly opens: 'text' | 'checkpoint';
}

export interface InspectorSnapshot {
  readonly path: string;
  readonly title: string;
  readonly description: string;
  readonly facts: readonly (readonly [label: string, value: string])[];
  readonly metadata: readonly (readonly [key: string, value: string])[];
  readonly provenance: readonly ProvenanceLink[];
  readonly tensors: readonly InspectedTensor[];
}

export type ShownStatistics = Omit<TensorStatistics, 'count'>;

export interface ShownHistogram {
  readonly edges: readonly number[];
  readonly counts: readonly number[];
  readonly outside: number;
}

export interface ShownDifference {
  readonly norm: number | null;
  readonly relative: number | null;
  readonly cosine: number | null;
  readonly signConflict: number | null;
}

export interface ShownComparison {
  /** what the numbers are of: θ against a base, θ against another checkpoint, or two task vectors from a base */
  readonly of: 'base' | 'other' | 'task-vectors';
  readonly reference: string;
  readonly base: string | null;
  readonly total: ShownDifference;
  readonly tensors: readonly ({ readonly name: string } & ShownDifference)[];
}

interface Failure {
  readonly error: string;
}

export type ToInspector =
  | { readonly type: 'empty' }
  | { readonly type: 'checkpoint'; readonly snapshot: InspectorSnapshot }
  | { readonly type: 'failure'; readonly path: string; readonly message: string }
  /** what is computed, how far it is, or null when nothing is */
  | { readonly type: 'work'; readonly text: string | null; readonly fraction: number | null }
  | { readonly type: 'statistics'; readonly tensor: string; readonly result: ShownStatistics | Failure }
  | { readonly type: 'histogram'; readonly tensor: string; readonly result: ShownHistogram | Failure }
  | { readonly type: 'comparison'; readonly result: ShownComparison | Failure };

export type FromInspector =
  | { readonly type: 'ready' }
  | { readonly type: 'reveal'; readonly path: string }
  | { readonly type: 'open'; readonly path: string; readonly opens: 'text' | 'checkpoint' }
  | { readonly type: 'statistics'; readonly tensors: readonly string[] }
  | { readonly type: 'histogram'; readonly tensor: string }
  /** with the base, or with another checkpoint that the user is asked for */
  | { readonly type: 'compare'; readonly with: 'base' | 'other' }
  | { readonly type: 'stop' }
  | Extract<FromPanel, { readonly type: 'export' }>;

const isFacts = isListOf(isPairOf(isText, isText));
const isMeasure = isNullOr(isNumber);
const isFailure = isObject<Failure>({ error: isText });
const difference = { norm: isMeasure, relative: isMeasure, cosine: isMeasure, signConflict: isMeasure };
const isOpens = isOneOf('text', 'checkpoint');

export const readToInspector = messageReader<ToInspector>({
  empty: {},
  checkpoint: {
    snapshot: isObject<InspectorSnapshot>({
      path: isText,
      title: isText,
      description: isText,
      facts: isFacts,
      metadata: isFacts,
      provenance: isListOf(isObject<ProvenanceLink>({ label: isText, text: isText, path: isText, opens: isOpens })),
      tensors: isListOf(isObject<InspectedTensor>({ name: isText, dtype: isText, shape: isListOf(isCount), bytes: isNumber })),
    }),
  },
  failure: { path: isText, message: isText },
  work: { text: isNullOr(isText), fraction: isMeasure },
  statistics: {
    tensor: isText,
    result: isEither(isObject<ShownStatistics>({ nan: isCount, infinite: isCount, zeros: isCount, minimum: isMeasure, maximum: isMeasure, mean: isMeasure, deviation: isMeasure, norm: isMeasure }), isFailure),
  },
  histogram: { tensor: isText, result: isEither(isObject<ShownHistogram>({ edges: isListOf(isNumber), counts: isListOf(isCount), outside: isCount }), isFailure) },
  comparison: {
    result: isEither(
      isObject<ShownComparison>({
        of: isOneOf('base', 'other', 'task-vectors'),
        reference: isText,
        base: isNullOr(isText),
        total: isObject<ShownDifference>(difference),
        tensors: isListOf(isObject<{ readonly name: string } & ShownDifference>({ name: isText, ...difference })),
      }),
      isFailure,
    ),
  },
});

export const readFromInspector = messageReader<FromInspector>({
  ready: {},
  reveal: { path: isText },
  open: { path: isText, opens: isOpens },
  statistics: { tensors: isListOf(isText) },
  histogram: { tensor: isText },
  compare: { with: isOneOf('base', 'other') },
  stop: {},
  export: { name: isText, format: isOneOf('svg', 'png', 'csv'), content: isText },
});
