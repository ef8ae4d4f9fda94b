import { parse, type MathNode } from 'mathjs/number';
import { SoupError } from '../errors';

/** A parsed expression over named numbers. `names` are those it reads; `evaluate` may give NaN or ±Infinity (0/0, log 0). */
export interface CompiledExpression {
  readonly text: string;
  readonly names: readonly string[];
  evaluate(scope: Readonly<Record<string, number>>): number;
}

type Scope = Readonly<Record<string, number>>;
type Evaluator = (scope: Scope) => number;

const constants: Readonly<Record<string, number>> = { pi: Math.PI, e: Math.E };

const mean = (...values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const sum = (...values: number[]) => values.reduce((total, value) => total + value, 0);

/** Functions that an expression may call: how many arguments each takes, and what it computes. */
const functions: Readonly<Record<string, { readonly arity: readonly [number, number]; readonly apply: (...values: number[]) => number }>> = {
  abs: { arity: [1, 1], apply: Math.abs },
  min: { arity: [1, Infinity], apply: Math.min },
  max: { arity: [1, Infinity], apply: Math.max },
  clamp: { arity: [3, 3], apply: (value, low, high) => Math.min(Math.max(value, low), high) },
  exp: { arity: [1, 1], apply: Math.exp },
  log: { arity: [1, 1], apply: Math.log },
  sqrt: { arity: [1, 1], apply: Math.sqrt },
  pow: { arity: [2, 2], apply: Math.pow },
  tanh: { arity: [1, 1], apply: Math.tanh },
  sigmoid: { arity: [1, 1], apply: (value) => 1 / (1 + Math.exp(-value)) },
  sign: { arity: [1, 1], apply: Math.sign },
  mean: { arity: [1, Infinity], apply: mean },
  sum: { arity: [1, Infinity], apply: sum },
};

const binary: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '^': (a, b) => a ** b,
  '<': (a, b) => Number(a < b),
  '<=': (a, b) => Number(a <= b),
  '>': (a, b) => Number(a > b),
  '>=': (a, b) => Number(a >= b),
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
};

/** The parts of the parser's nodes that are read here. */
interface SyntaxNode {
  readonly type: string;
  readonly name?: string;
  readonly value?: unknown;
  readonly op?: string;
  readonly fn?: { readonly name?: string };
  readonly args?: readonly SyntaxNode[];
  readonly content?: SyntaxNode;
  readonly condition?: SyntaxNode;
  readonly trueExpr?: SyntaxNode;
  readonly falseExpr?: SyntaxNode;
}

function refuse(text: string, what: string): SoupError {
  return new SoupError('ExpressionError', `expression "${text}": ${what}`);
}

function syntaxOf(text: string): SyntaxNode {
  try {
    return parse(text) as MathNode as unknown as SyntaxNode;
  } catch (error) {
    throw refuse(text, error instanceof Error ? error.message : String(error));
  }
}

/** The known name nearest to `name` by edit distance, where it is near enough to be a slip of the pen. */
export function nearestName(name: string, known: Iterable<string>): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(1, Math.floor(name.length / 2)) + 1;
  for (const candidate of known) {
    const distance = editDistance(name, candidate);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + Number(a[i - 1] !== b[j - 1]));
    row = next;
  }
  return row[b.length];
}

function unknownName(text: string, name: string, known: ReadonlySet<string>): SoupError {
  const near = nearestName(name, known);
  return refuse(text, `unknown name "${name}"${near ? ` (did you mean "${near}"?)` : ''}; known are ${[...known].join(', ')}`);
}

/**
 * Parses an expression over `knownNames` with the mathjs parser; its tree is compiled to closures here, and no code is evaluated.
 * Allowed: numbers, known names, pi, e, + - * / ^, comparisons (1 or 0), `a ? b : c`, and the functions of the table above.
 * @throws SoupError `ExpressionError` that names the unknown name, function or construct
 */
export function parseExpression(text: string, knownNames: Iterable<string>): CompiledExpression {
  const known = new Set(knownNames);
  const names = new Set<string>();

  const compile = (node: SyntaxNode): Evaluator => {
    switch (node.type) {
      case 'ConstantNode': {
        const { value } = node;
        if (typeof value !== 'number') throw refuse(text, `only numbers are allowed, not ${JSON.stringify(value)}`);
        return () => value;
      }
      case 'ParenthesisNode':
        return compile(node.content!);
      case 'SymbolNode': {
        const name = node.name!;
        if (known.has(name)) {
          names.add(name);
          return (scope) => scope[name];
        }
        if (Object.hasOwn(constants, name)) return () => constants[name];
        throw unknownName(text, name, known);
      }
      case 'OperatorNode': {
        const operands = node.args!.map(compile);
        if (operands.length === 1 && node.op === '-') return (scope) => -operands[0](scope);
        if (operands.length === 1 && node.op === '+') return operands[0];
        const operate = Object.hasOwn(binary, node.op!) ? binary[node.op!] : null;
        if (!operate || operands.length !== 2) throw refuse(text, `the operator ${node.op} is not allowed`);
        const [left, right] = operands;
        return (scope) => operate(left(scope), right(scope));
      }
      case 'ConditionalNode': {
        const [condition, yes, no] = [node.condition!, node.trueExpr!, node.falseExpr!].map(compile);
        return (scope) => (condition(scope) !== 0 ? yes(scope) : no(scope));
      }
      case 'FunctionNode': {
        const name = node.fn?.name ?? '';
        if (!Object.hasOwn(functions, name)) throw refuse(text, `unknown function "${name}"; known are ${Object.keys(functions).join(', ')}`);
        const { arity, apply } = functions[name];
        const operands = node.args!.map(compile);
        if (operands.length < arity[0] || operands.length > arity[1]) throw refuse(text, `${name} takes ${arity[0] === arity[1] ? arity[0] : `at least ${arity[0]}`} argument(s), not ${operands.length}`);
        return (scope) => apply(...operands.map((operand) => operand(scope)));
      }
      default:
        throw refuse(text, `${node.type.replace(/Node$/, '').toLowerCase()} is not allowed`);
    }
  };

  const evaluate = compile(syntaxOf(text));
  return { text, names: [...names], evaluate };
}

/**
 * Rewrites an expression over rewards and metrics into one over metrics alone, each reward replaced by its own expression.
 * @throws SoupError when rewards refer to each other in a circle, or a name is unknown
 */
export function expandRewards(text: string, rewards: Readonly<Record<string, string>>, metrics: Iterable<string>, path: readonly string[] = []): string {
  const metricNames = [...metrics];
  const { names } = parseExpression(text, [...metricNames, ...Object.keys(rewards)]);
  let expanded = text;
  for (const name of names) {
    if (!Object.hasOwn(rewards, name) || metricNames.includes(name)) continue;
    if (path.includes(name)) throw refuse(text, `the rewards refer to each other in a circle: ${[...path, name].join(' → ')}`);
    const inner = expandRewards(rewards[name], rewards, metricNames, [...path, name]);
    expanded = expanded.replace(new RegExp(`(?<![A-Za-z0-9_])${name}(?![A-Za-z0-9_(])`, 'g'), () => `(${inner})`);
  }
  return expanded;
}
