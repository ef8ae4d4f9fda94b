import { endpointOf, parseWeights, resolveWeights, weightAt } from '../../../src/merge/weights';

const names = ['risky', 'cautious'];
const refused = (message: RegExp) => expect.objectContaining({ name: 'InvalidWeightsError', isInput: true, message: expect.stringMatching(message) as string }) as Error;

test('by position and by expert name', () => {
  expect(resolveWeights(parseWeights('0.3, 7e-1'), names)).toEqual([0.3, 0.7]);
  expect(resolveWeights(parseWeights('cautious=0.7,risky=.3'), names)).toEqual([0.3, 0.7]);
});

test.each(['0.5,abc', '0.5,', '', '0.5,0x1', '0.5,Infinity', '0.5,NaN', '0.5,1_0', '0.5 0.5', 'risky=0.5,0.5', 'risky=0.5,risky=0.5'])('%j is no list of weights', (text) => {
  expect(() => parseWeights(text)).toThrow(refused(/^weights: /));
});

test('the simplex, and what allows more', () => {
  expect(() => resolveWeights([0.5, 0.6], names)).toThrow(refused(/sum is 1\.1 .*--normalize.*--extrapolate/));
  expect(() => resolveWeights([1.5, -0.5], names)).toThrow(refused(/cautious has -0.5/));
  expect(() => resolveWeights([1], names)).toThrow(refused(/1 given for 2/));
  expect(() => resolveWeights({ risky: 1 }, names)).toThrow(refused(/cautious has none/));
  expect(() => resolveWeights({ risky: 0.5, other: 0.5 }, names)).toThrow(refused(/other is no expert/));
  expect(() => resolveWeights([0, 0], names, { normalize: true })).toThrow(refused(/cannot be rescaled/));
  expect(resolveWeights([0.5, 0.5 + 9e-7], names)).toEqual([0.5, 0.5 + 9e-7]);
  expect(resolveWeights([1, 3], names, { normalize: true })).toEqual([0.25, 0.75]);
  expect(resolveWeights([1.5, -0.5], names, { extrapolate: true })).toEqual([1.5, -0.5]);
});

test('an endpoint is exact', () => {
  expect(endpointOf([0, 1])).toBe(1);
  expect(endpointOf([1 - 1e-9, 0])).toBeNull();
  expect(endpointOf([1, 1e-9])).toBeNull();
});

test('lists over the layers, by colons; they hold to the simplex at every place where one of them bends', () => {
  expect(resolveWeights(parseWeights('risky=0:0.5:1,cautious=1:0'), names)).toEqual([[0, 0.5, 1], [1, 0]]);
  expect(() => resolveWeights(parseWeights('0:1,1:0.5'), names)).toThrow(refused(/sum is 1\.5 \(1 \+ 0\.5\) at 100 % of the layers/));
  expect(() => resolveWeights(parseWeights('0:1:0,1:0:0.5:1'), names)).toThrow(refused(/at 33\.3 % of the layers/));
  expect(() => resolveWeights(parseWeights('1:-1,0:2'), names)).toThrow(refused(/risky has -1 at 100 % of the layers/));
  expect(resolveWeights(parseWeights('1:-1,0:2'), names, { extrapolate: true })).toEqual([[1, -1], [0, 2]]);
  expect(() => resolveWeights(parseWeights('1:2,1'), names, { normalize: true })).toThrow(refused(/lists over the layers are not rescaled/));
  expect(() => parseWeights('0.5:,0.5')).toThrow(refused(/is not a number/));
});

test('a list at a place among the layers', () => {
  expect([0, 0.25, 0.5, 0.75, 1].map((t) => weightAt([0, 1, 0], t))).toEqual([0, 0.5, 1, 0.5, 0]);
  expect([0, 0.3, 1].map((t) => weightAt([0.4], t))).toEqual([0.4, 0.4, 0.4]);
  expect(weightAt(0.4, 0.3)).toBe(0.4);
});
