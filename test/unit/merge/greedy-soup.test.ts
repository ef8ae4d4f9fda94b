import fc from 'fast-check';
import { greedySoup } from '../../../src/merge/greedy-soup';

/** The score of a mean of numbers: how close it is to 0. */
const closeness = (values: Readonly<Record<string, number>>) => (members: readonly string[]) => Promise.resolve(-Math.abs(members.reduce((sum, name) => sum + values[name], 0) / members.length));

test('takes what does not lower the score, best expert first', async () => {
  // alone −1, −2, −3; 1 and −2 have the mean −0.5, better than 1; with 3 it is 2/3, worse
  const { members, score, steps } = await greedySoup(['three', 'one', 'two'], {}, closeness({ one: 1, two: -2, three: 3 }));
  expect(members).toEqual(['one', 'two']);
  expect(score).toBe(-0.5);
  expect(steps).toEqual([{ expert: 'one', score: -1, isTaken: true }, { expert: 'two', score: -0.5, isTaken: true }, { expert: 'three', score: -2 / 3, isTaken: false }]);
});

test('an equal score is taken, and known scores are not evaluated again', async () => {
  const asked: string[] = [];
  const { members } = await greedySoup(['a', 'b'], { a: 1, b: 1 }, (names) => {
    asked.push(names.join());
    return Promise.resolve(1);
  });
  expect(members).toEqual(['a', 'b']);
  expect(asked).toEqual(['a,b']);
});

test('never below the best expert, and the score is that of its members', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 6 }), async (numbers) => {
    const values = Object.fromEntries(numbers.map((x, i) => [`e${i}`, x]));
    const evaluate = closeness(values);
    const { members, score } = await greedySoup(Object.keys(values), {}, evaluate);
    expect(score).toBe(await evaluate(members));
    expect(score).toBeGreaterThanOrEqual(Math.max(...numbers.map((x) => -Math.abs(x))));
  }));
});
