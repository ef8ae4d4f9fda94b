import type { MathNode, ParenthesisNode, SymbolNode } from 'mathjs/number';
import { expressionParser } from './expression-parser';
import { compile } from './expression-compiler';
import { ExpressionError, spanOfName, unknownName } from './expression-error';
import { parseNode } from './expression';

/** @param reward whose expression the text is, where it is one's: it cannot mention itself */
export type Expand = (text: string, reward?: string) => string;

/**
 * A function that rewrites an expression over rewards and metrics to one over metrics alone, by putting each reward's
 * own expression, in parentheses, in its place. A text that names no reward stays as it was written.
 * A name that is a metric means the metric, so a reward may be called `velocity` only if it is `velocity`.
 * @param rewards expressions over metrics and other rewards
 * @param metrics the names that stand for themselves (`metricNames`)
 * @returns a function that throws ExpressionError: syntax, an unknown name, or rewards that need each other in a circle
 */
export function rewardExpander(rewards: Readonly<Record<string, string>>, metrics: Iterable<string>): Expand {
  const known = new Set(metrics);
  const open: string[] = [];
  const expanded = new Map<string, MathNode>();

  const nodeOf = (name: string): MathNode => {
    if (!expanded.has(name)) {
      open.push(name);
      try {
        expanded.set(name, substitute(rewards[name]!, name));
      } finally {
        open.pop();
      }
    }
    return expanded.get(name)!;
  };

  const substitute = (text: string, reward?: string): MathNode => {
    const node = parseNode(text);
    compile(node, text, (name) => {
      if (known.has(name)) return;
      if (!Object.hasOwn(rewards, name) || name === reward) throw unknownName(text, name, new Set([...known, ...Object.keys(rewards).filter((other) => other !== reward)]));
      if (open.includes(name)) throw cyclicReward(text, name, [...open.slice(open.indexOf(name)), name]);
      nodeOf(name);
    });
    return node.transform((part, path, parent) => {
      const { name } = part as SymbolNode;
      const isReward = part.type === 'SymbolNode' && !isCallee(path, parent) && !known.has(name) && Object.hasOwn(rewards, name);
      return isReward ? new (expressionParser().ParenthesisNode)(nodeOf(name)) : part;
    });
  };

  return (text, reward) => {
    const node = substitute(text, reward);
    return namesIn(text).some((name) => !known.has(name) && Object.hasOwn(rewards, name)) ? bare(node).toString({ parenthesis: 'keep' }) : text;
  };
}

/**
 * Every reward as an expression over metrics alone.
 * @throws ExpressionError, see `rewardExpander`
 */
export function expandRewards(rewards: Readonly<Record<string, string>>, metrics: Iterable<string>): Record<string, string> {
  const names = [...metrics];
  const expand = rewardExpander(rewards, names);
  return Object.fromEntries(Object.keys(rewards).map((name) => [name, names.includes(name) ? rewards[name]! : expand(name)]));
}

/** Without parentheses around the whole. */
function bare(node: MathNode): MathNode {
  return node.type === 'ParenthesisNode' ? bare((node as ParenthesisNode).content) : node;
}

function namesIn(text: string): readonly string[] {
  const names: string[] = [];
  compile(parseNode(text), text, (name) => names.push(name));
  return names;
}

/** Whether the node is the name of the function in a call, not a value. */
function isCallee(path: string | null | undefined, parent: MathNode | null | undefined): boolean {
  return path === 'fn' && parent?.type === 'FunctionNode';
}

function cyclicReward(text: string, name: string, circle: readonly string[]): ExpressionError {
  return new ExpressionError(text, `rewards need each other in a circle: ${circle.join(' → ')}`, spanOfName(text, name), 'cyclic-reward');
}
