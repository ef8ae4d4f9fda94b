import type { ExpressionErrorCode } from './expression-error';
import type { KeyPath, Range } from './yaml-source';

export type DiagnosticCode =
  | ExpressionErrorCode
  | 'yaml-syntax'
  | 'duplicate-name'
  | 'missing-key'
  | 'reserved-name'
  | 'too-few-experts'
  | 'unknown-expert'
  | 'unknown-key'
  | 'unknown-variant'
  | 'unusable-file'
  | 'weights'
  | 'wrong-value';

/** One problem of an experiment file, with its place. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly range: Range;
  readonly code: DiagnosticCode;
}

/** A problem whose place is still a path of keys. `of` says whether the key or the value is wrong. */
export interface Problem {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly path: KeyPath;
  readonly of: 'key' | 'value';
  /** the part of a text value that is wrong; the whole value where absent */
  readonly span?: { readonly offset: number; readonly length: number };
}
