import fc from 'fast-check';
import { ExpressionError } from '../../../src/experiment/expression-error';
import { parseExpression } from '../../../src/experiment/expression';
import { expandRewards, rewardExpander } from '../../../src/experiment/reward-expansion';

const names = ['velocity', 'energy', 'progress'];
const evaluate = (text: string, scope: Record<string, number> = {}) => parseExpression(text, names).evaluate({ velocity: 3, energy: 2, progress: 0.5, ...scope });

test.each([
  ['velocity - 3.0 * energy', -3],
  ['velocity - clamp(2*progress, 0, 1) * energy', 1],
  ['-velocity ^ 2', -9],
  ['2 ^ 3 ^ 2', 512],
  ['velocity > energy ? 10 : 20', 10],
  ['1 < velocity < 2', 0],
  ['velocity >= 3 and not (energy == 1)', 1],
  ['min(velocity, energy, 1.5)', 1.5],
  ['mean(velocity, energy)', 2.5],
  ['sqrt(velocity + 6) / pow(2, 2)', 0.75],
  ['sign(-2) + abs(-2)', 1],
  ['log(e) + exp(0)', 2],
  ['1e-3 * 5E+2', 0.5],
])('%s = %d', (text, expected) => expect(evaluate(text)).toBeCloseTo(expected, 12));

test('sigmoid, tanh and pi against their definitions', () => {
  expect(evaluate('sigmoid(velocity)')).toBeCloseTo(1 / (1 + Math.E ** -3), 12);
  expect(evaluate('tanh(energy)')).toBeCloseTo((Math.E ** 4 - 1) / (Math.E ** 4 + 1), 12);
  expect(evaluate('pi')).toBe(Math.PI);
});

/** Random arithmetic, written for both languages at once: `**` is JavaScript's ^. */
const arithmetic = fc.letrec<{ tree: string }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('velocity', 'energy', 'progress'),
    fc.double({ min: 0, max: 100, noNaN: true }).map((value) => String(value)),
    fc.tuple(tie('tree'), fc.constantFrom('+', '-', '*', '/'), tie('tree')).map(([a, op, b]) => `(${a} ${op} ${b})`),
    tie('tree').map((a) => `(-${a})`),
    fc.tuple(tie('tree'), tie('tree')).map(([a, b]) => `max(${a}, ${b})`),
    fc.tuple(tie('tree'), tie('tree'), tie('tree')).map(([a, b, c]) => `(${a} < ${b} ? ${b} : ${c})`),
  ),
})).tree;

test('agrees with JavaScript on random arithmetic', () => {
  fc.assert(fc.property(arithmetic, fc.double({ noNaN: true, min: -10, max: 10 }), (text, velocity) => {
    const oracle = new Function('velocity', 'energy', 'progress', 'max', `return ${text}`) as (...values: unknown[]) => number;
    expect(evaluate(text, { velocity })).toEqual(oracle(velocity, 2, 0.5, Math.max));
  }));
});

test.each([
  ['velocity = 3', 'assignment', 10],
  ['f(x) = x', 'definition of a function', 6],
  ['velocity.constructor', 'property', 9],
  ['energy[1]', 'property or an index', 7],
  ['"text"', 'text in quotes', 1],
  ['[1, 2]', 'list', 1],
  ['{a: 1}', 'object', 1],
  ['velocity; energy', 'more than one', 9],
  ['2 velocity', 'write the multiplication out', 1],
  ['velocity!', 'operator !', 9],
  ['50%', 'operator %', 3],
  ['energy % 2', 'operator %', 8],
  ['velocity +', 'unexpected end', 11],
  ['(velocity', 'parenthesis', 10],
  ['velocity + energi', 'did you mean "energy"', 12],
  ['1 + clmap(velocity, 0, 1)', 'did you mean "clamp"', 5],
  ['import(velocity)', 'unknown function', 1],
  ['constructor', 'unknown metric', 1],
  ['toString(1)', 'unknown function', 1],
  ['clamp(velocity, 1)', 'takes 3 values, got 2', 1],
  ['min + 1', 'is a function', 1],
  ['true', 'not allowed', 1],
  ['NaN', 'not finite', 1],
  ['1e999', 'not finite', 1],
  ['', 'empty', 1],
  ['1:3', 'range', 2],
  ['('.repeat(9000), 'nested too deeply|parenthesis|unexpected', 1],
])('refuses %.20s', (text, reason, column) => {
  const attempt = () => parseExpression(text, names);
  expect(attempt).toThrow(ExpressionError);
  expect(attempt).toThrow(new RegExp(reason, 'i'));
  if (text.length < 100) expect(attempt).toThrow(new RegExp(`column ${column} of`));
});

test('names are those that it mentions', () => {
  expect(parseExpression('max(energy, velocity) + energy + pi', names).names).toEqual(['energy', 'velocity']);
});

describe('rewards in expressions', () => {
  const rewards = { risky: 'velocity', cautious: 'velocity - 3 * energy', worst: 'min(risky, cautious)', blend: '0.25*risky + 0.75*cautious' };

  test('are replaced by what they are made of, whatever stands around them', () => {
    const expanded = expandRewards(rewards, names);
    expect(expanded.cautious).toBe('velocity - 3 * energy');
    for (const [velocity, energy] of [[3, 2], [-1, 0.1], [0.5, 7]] as const) {
      const scope = { velocity, energy };
      const cautious = velocity - 3 * energy;
      expect(evaluate(expanded.worst!, scope)).toBeCloseTo(Math.min(velocity, cautious), 12);
      expect(evaluate(expanded.blend!, scope)).toBeCloseTo(0.25 * velocity + 0.75 * cautious, 12);
      expect(evaluate(rewardExpander(rewards, names)('2 * cautious ^ 2 - risky'), scope)).toBeCloseTo(2 * cautious ** 2 - velocity, 9);
    }
  });

  test('expand exactly: numbers keep every digit', () => {
    fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }), (factor) => {
      const expanded = expandRewards({ a: `${factor} * velocity`, b: 'a + 0' }, names);
      expect(evaluate(expanded.b!)).toBe(factor * 3);
    }));
  });

  test('cannot need each other in a circle', () => {
    expect(() => expandRewards({ a: 'b', b: 'c + 1', c: 'a' }, names)).toThrow(/circle: .*→/);
  });

  test('mention not themselves, and are not among the names that they may mention', () => {
    expect(() => expandRewards({ velocty: 'velocty', other: 'energy' }, names)).toThrow(/unknown metric or reward "velocty" — did you mean "velocity"\? Known here: velocity, energy, progress, other \(/);
    expect(() => rewardExpander({ cautious: 'cautios' }, names)('cautios', 'cautious')).toThrow(/Known here: velocity, energy, progress \(/);
  });
});
