import type { MathNode } from 'mathjs/number';
import { compile, type Evaluate } from './expression-compiler';
import { ExpressionError, unknownName } from './expression-error';
import { expressionParser } from './expression-parser';

/** A checked expression. `evaluate` computes it by plain closures: nothing is generated or evaluated as code. */
export interface CompiledExpression {
  readonly text: string;
  /** the names that it mentions, in order of appearance */
  readonly names: readonly string[];
  /** The value for one set of named numbers. It may be NaN or ±Infinity (log of a negative, division by zero): that is the caller's to check. */
  readonly evaluate: Evaluate;
}

const longestText = 20_000;

/**
 * Parses arithmetic over named numbers: + − * / ^, comparisons (1 or 0), and/or/not, `a ? b : c`, the constants pi
 * and e, and the functions of `expressionFunctions`.
 * @param knownNames the names it may mention
 * @throws ExpressionError naming the position and, for an unknown name, the nearest known one
 */
export function parseExpression(text: string, knownNames: Iterable<string>): CompiledExpression {
  const known = new Set(knownNames);
  const names = new Set<string>();
  const evaluate = compile(parseNode(text), text, (name) => {
    if (!known.has(name)) throw unknownName(text, name, known);
    names.add(name);
  });
  return { text, names: [...names], evaluate };
}

/** Parses the text of an expression without looking at its names. @throws ExpressionError */
export function parseNode(text: string): MathNode {
  if (text.length > longestText) throw new ExpressionError(text, `the expression is longer than ${longestText} characters`, { offset: 0, length: text.length }, 'expression-syntax');
  if (text.trim() === '') throw new ExpressionError(text, 'the expression is empty', { offset: 0, length: text.length }, 'expression-syntax');
  try {
    return expressionParser().parse(text);
  } catch (error) {
    if (error instanceof RangeError) throw new ExpressionError(text, 'the expression is nested too deeply', { offset: 0, length: text.length }, 'expression-syntax');
    const message = error instanceof Error ? error.message.replace(/ \(char \d+\)$/, '') : String(error);
    const offset = Math.min(Number((error as { char?: unknown }).char ?? 1) - 1, text.length);
    throw new ExpressionError(text, message.charAt(0).toLowerCase() + message.slice(1), { offset: Math.max(0, offset), length: 1 }, 'expression-syntax');
  }
}

/** One spelling for all expressions that differ only in blanks, needless parentheses and ways to write a number. @throws ExpressionError */
export function canonicalExpression(text: string): string {
  return parseNode(text).toString({ parenthesis: 'auto' });
}
