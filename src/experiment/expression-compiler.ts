import type { AccessorNode, ConditionalNode, ConstantNode, FunctionNode, MathNode, OperatorNode, ParenthesisNode, RelationalNode, SymbolNode } from 'mathjs/number';
import { ExpressionError, notAllowed, spanOfName, type TextSpan } from './expression-error';
import { expressionConstants, expressionFunctions } from './expression-functions';
import { nearestName } from './nearest-name';

export type Scope = Readonly<Record<string, number>>;
export type Evaluate = (scope: Scope) => number;

interface Context {
  readonly text: string;
  /** told of every name that is no constant; throws where it is unknown */
  readonly onName: (name: string) => void;
}

const unary: Readonly<Record<string, (a: Evaluate) => Evaluate>> = {
  unaryMinus: (a) => (scope) => -a(scope),
  unaryPlus: (a) => a,
  not: (a) => (scope) => (a(scope) ? 0 : 1),
};

const binary: Readonly<Record<string, (a: Evaluate, b: Evaluate) => Evaluate>> = {
  add: (a, b) => (scope) => a(scope) + b(scope),
  subtract: (a, b) => (scope) => a(scope) - b(scope),
  multiply: (a, b) => (scope) => a(scope) * b(scope),
  divide: (a, b) => (scope) => a(scope) / b(scope),
  pow: (a, b) => (scope) => Math.pow(a(scope), b(scope)),
  larger: (a, b) => (scope) => (a(scope) > b(scope) ? 1 : 0),
  largerEq: (a, b) => (scope) => (a(scope) >= b(scope) ? 1 : 0),
  smaller: (a, b) => (scope) => (a(scope) < b(scope) ? 1 : 0),
  smallerEq: (a, b) => (scope) => (a(scope) <= b(scope) ? 1 : 0),
  equal: (a, b) => (scope) => (a(scope) === b(scope) ? 1 : 0),
  unequal: (a, b) => (scope) => (a(scope) === b(scope) ? 0 : 1),
  and: (a, b) => (scope) => (a(scope) && b(scope) ? 1 : 0),
  or: (a, b) => (scope) => (a(scope) || b(scope) ? 1 : 0),
};

const compilers: Readonly<Record<string, (node: MathNode, context: Context) => Evaluate>> = {
  ConstantNode: (node, context) => constant(node as ConstantNode, context),
  SymbolNode: (node, context) => symbol(node as SymbolNode, context),
  ParenthesisNode: (node, context) => compileNode((node as ParenthesisNode).content, context),
  OperatorNode: (node, context) => operator(node as OperatorNode, context),
  RelationalNode: (node, context) => relation(node as RelationalNode, context),
  ConditionalNode: (node, context) => conditional(node as ConditionalNode, context),
  FunctionNode: (node, context) => call(node as FunctionNode, context),
};

/** What the nodes that are no arithmetic are called in an error. */
const forbiddenNodes: Readonly<Record<string, readonly [kind: string, mark: RegExp]>> = {
  AccessorNode: ['access to a property or an index', /[.[]/],
  ArrayNode: ['a list', /\[/],
  AssignmentNode: ['an assignment (= ; comparison is ==)', /=/],
  BlockNode: ['more than one expression', /[;\n]/],
  FunctionAssignmentNode: ['the definition of a function', /=/],
  IndexNode: ['an index', /\[/],
  ObjectNode: ['an object', /\{/],
  RangeNode: ['a range', /:/],
};

/**
 * Turns a parsed expression into nested closures, about as fast as hand-written arithmetic. Only the nodes, operators and
 * functions listed here are let through.
 * @throws ExpressionError at anything else
 */
export function compile(node: MathNode, text: string, onName: (name: string) => void): Evaluate {
  try {
    return compileNode(node, { text, onName });
  } catch (error) {
    if (error instanceof RangeError) throw new ExpressionError(text, 'the expression is nested too deeply', { offset: 0, length: text.length }, 'expression-syntax');
    throw error;
  }
}

function compileNode(node: MathNode, context: Context): Evaluate {
  const compiler = compilers[node.type];
  if (compiler) return compiler(node, context);
  const [kind, mark] = forbiddenNodes[node.type] ?? [node.type, /^/];
  throw notAllowed(context.text, kind, spanOf(context.text, mark));
}

function constant(node: ConstantNode, { text }: Context): Evaluate {
  const value: unknown = node.value;
  if (typeof value === 'number' && Number.isFinite(value)) return () => value;
  if (typeof value === 'string') throw notAllowed(text, 'text in quotes', spanOf(text, /["']/));
  if (value === undefined) throw new ExpressionError(text, 'a value is missing', { offset: 0, length: text.length }, 'expression-syntax');
  throw notAllowed(text, typeof value === 'number' ? 'a number that is not finite' : String(value), { offset: 0, length: text.length });
}

function symbol({ name }: SymbolNode, { text, onName }: Context): Evaluate {
  if (Object.hasOwn(expressionConstants, name)) {
    const value = expressionConstants[name]!;
    return () => value;
  }
  if (Object.hasOwn(expressionFunctions, name)) throw new ExpressionError(text, `${name} is a function: write ${expressionFunctions[name]!.description.split(':')[0]}`, spanOfName(text, name), 'expression-syntax');
  onName(name);
  return (scope) => scope[name]!;
}

function operator(node: OperatorNode, context: Context): Evaluate {
  const { text } = context;
  // mathjs gives an invisible multiplication and a percentage precedences of their own
  const { implicit, isPercentage } = node as OperatorNode & { implicit?: boolean; isPercentage?: boolean };
  if (implicit) throw new ExpressionError(text, `write the multiplication out: ${node.args.map(String).join(' * ')}`, { offset: 0, length: text.length }, 'expression-syntax');
  const args = node.args.map((arg) => compileNode(arg, context));
  const [a, b] = args as [Evaluate, Evaluate];
  const make = Object.hasOwn(args.length === 1 ? unary : binary, node.fn) && !isPercentage;
  if (!make) throw notAllowed(text, `the operator ${isPercentage ? '%' : node.op}`, spanOf(text, new RegExp((isPercentage ? '%' : node.op).replace(/[^\w\s]/g, '\\$&'))));
  return args.length === 1 ? unary[node.fn]!(a) : binary[node.fn]!(a, b);
}

function relation(node: RelationalNode, context: Context): Evaluate {
  const params = node.params.map((param) => compileNode(param, context));
  const pairs = node.conditionals.map((name, k) => binary[name]!(params[k]!, params[k + 1]!));
  return (scope) => (pairs.every((holds) => holds(scope)) ? 1 : 0);
}

function conditional(node: ConditionalNode, context: Context): Evaluate {
  const [condition, yes, no] = [node.condition, node.trueExpr, node.falseExpr].map((part) => compileNode(part, context)) as [Evaluate, Evaluate, Evaluate];
  return (scope) => (condition(scope) ? yes(scope) : no(scope));
}

function call(node: FunctionNode, context: Context): Evaluate {
  const { text } = context;
  const name = (node.fn as unknown as SymbolNode | AccessorNode).name;
  if (node.fn.type !== 'SymbolNode') throw notAllowed(text, 'access to a property', spanOf(text, /[.[]/));
  if (!Object.hasOwn(expressionFunctions, name)) {
    const nearest = nearestName(name, Object.keys(expressionFunctions));
    throw new ExpressionError(text, `unknown function "${name}"${nearest ? ` — did you mean "${nearest}"?` : '.'} Known: ${Object.keys(expressionFunctions).join(', ')}`, spanOfName(text, name, true), 'unknown-name');
  }
  const { apply, parameters: [least, most] } = expressionFunctions[name]!;
  if (node.args.length < least || node.args.length > most) {
    const wanted = least === most ? `${least}` : `at least ${least}`;
    throw new ExpressionError(text, `${name} takes ${wanted} value${wanted === '1' || wanted === 'at least 1' ? '' : 's'}, got ${node.args.length}`, spanOfName(text, name, true), 'expression-syntax');
  }
  const args = node.args.map((arg) => compileNode(arg, context));
  const [a, b, c] = args as [Evaluate, Evaluate, Evaluate];
  if (args.length === 1) return (scope) => apply(a(scope));
  if (args.length === 2) return (scope) => apply(a(scope), b(scope));
  if (args.length === 3) return (scope) => apply(a(scope), b(scope), c(scope));
  return (scope) => apply(...args.map((arg) => arg(scope)));
}

function spanOf(text: string, mark: RegExp): TextSpan {
  const found = mark.exec(text);
  return found && found[0] !== '' ? { offset: found.index, length: found[0].length } : { offset: 0, length: text.length };
}
