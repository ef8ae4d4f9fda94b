import { create, parseDependencies, ParenthesisNodeDependencies, type MathJsInstance } from 'mathjs/number';

let made: Pick<MathJsInstance, 'parse' | 'ParenthesisNode'> | null = null;

/** The parser of expressions: of mathjs only what parsing needs, made when the first expression is read, because the rest takes long to load. */
export function expressionParser(): Pick<MathJsInstance, 'parse' | 'ParenthesisNode'> {
  return (made ??= create({ parseDependencies, ParenthesisNodeDependencies }));
}
