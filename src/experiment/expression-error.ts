import { SoupError } from '../errors';
import { nearestName } from './nearest-name';

export type ExpressionErrorCode = 'expression-syntax' | 'unknown-name' | 'cyclic-reward';

/** A part of an expression's text, in UTF-16 units. */
export interface TextSpan {
  readonly offset: number;
  readonly length: number;
}

/** What is wrong with an expression, and where in its text. */
export class ExpressionError extends SoupError {
  /** the message without the expression's text and column */
  readonly reason: string;

  constructor(readonly text: string, reason: string, readonly span: TextSpan, readonly code: ExpressionErrorCode) {
    super('ExpressionError', `${reason} (column ${span.offset + 1} of \`${text.length > 200 ? `${text.slice(0, 200)}…` : text}\`)`);
    this.reason = reason;
  }
}

/** Where a name first stands in an expression; the parser's nodes carry no positions. */
export function spanOfName(text: string, name: string, isCall = false): TextSpan {
  for (const match of text.matchAll(/[\p{L}_][\p{L}\p{N}_]*/gu)) {
    if (match[0] === name && (!isCall || /^\s*\(/.test(text.slice(match.index + name.length)))) return { offset: match.index, length: name.length };
  }
  return { offset: 0, length: text.length };
}

/** @param known the names that the expression may use */
export function unknownName(text: string, name: string, known: Iterable<string>): ExpressionError {
  const names = [...known];
  const nearest = nearestName(name, names);
  const hint = nearest ? ` — did you mean "${nearest}"?` : '.';
  return new ExpressionError(text, `unknown metric or reward "${name}"${hint} Known here: ${names.join(', ')}`, spanOfName(text, name), 'unknown-name');
}

/** @param kind what was written, in words */
export function notAllowed(text: string, kind: string, span: TextSpan): ExpressionError {
  return new ExpressionError(text, `${kind} is not allowed in an expression: it is arithmetic over metrics and rewards`, span, 'expression-syntax');
}
