type Numeric = (...values: number[]) => number;

export interface ExpressionFunction {
  readonly apply: Numeric;
  readonly parameters: readonly [least: number, most: number];
  /** shown in completions and hovers */
  readonly description: string;
}

const one = (apply: (x: number) => number, description: string): ExpressionFunction => ({ apply, parameters: [1, 1], description });
const many = (apply: Numeric, description: string): ExpressionFunction => ({ apply, parameters: [1, Infinity], description });
const sum: Numeric = (...values) => values.reduce((total, value) => total + value, 0);

/** The functions that an expression may call. Adding one takes one line. */
export const expressionFunctions: Readonly<Record<string, ExpressionFunction>> = {
  abs: one(Math.abs, 'abs(x): absolute value'),
  ceil: one(Math.ceil, 'ceil(x): smallest whole number ≥ x'),
  clamp: { apply: (x, low, high) => Math.min(Math.max(x!, low!), high!), parameters: [3, 3], description: 'clamp(x, low, high): x, kept between low and high' },
  exp: one(Math.exp, 'exp(x): e to the x'),
  floor: one(Math.floor, 'floor(x): largest whole number ≤ x'),
  log: one(Math.log, 'log(x): natural logarithm'),
  max: many(Math.max, 'max(a, b, …): the largest'),
  mean: many((...values) => sum(...values) / values.length, 'mean(a, b, …): the average'),
  min: many(Math.min, 'min(a, b, …): the smallest'),
  pow: { apply: (x, y) => Math.pow(x!, y!), parameters: [2, 2], description: 'pow(x, y): x to the y, like x ^ y' },
  relu: one((x) => Math.max(0, x), 'relu(x): max(0, x)'),
  round: one(Math.round, 'round(x): nearest whole number'),
  sigmoid: one((x) => 1 / (1 + Math.exp(-x)), 'sigmoid(x): 1 / (1 + exp(−x))'),
  sign: one(Math.sign, 'sign(x): −1, 0 or 1'),
  softplus: one((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), 'softplus(x): log(1 + exp(x))'),
  sqrt: one(Math.sqrt, 'sqrt(x): square root'),
  sum: many(sum, 'sum(a, b, …): the total'),
  tanh: one(Math.tanh, 'tanh(x): hyperbolic tangent'),
};

export const expressionConstants: Readonly<Record<string, number>> = { pi: Math.PI, e: Math.E };

/** Words that an expression keeps for itself, so that no reward may bear them. */
export const reservedNames: ReadonlySet<string> = new Set([
  ...Object.keys(expressionFunctions), ...Object.keys(expressionConstants), ...Object.getOwnPropertyNames(Object.prototype),
  'and', 'or', 'not', 'xor', 'mod', 'to', 'in', 'true', 'false', 'null', 'undefined', 'NaN', 'Infinity', 'end', 'i',
]);
