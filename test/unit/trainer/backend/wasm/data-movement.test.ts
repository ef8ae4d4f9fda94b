import { openBackend } from '../../../../../src/trainer/backend/backend';
import { expectSameAsCpu, integers, normal, onBothBackends, valueAndGradients } from '../compare';

const shapes = [[1], [5], [3, 4], [1, 7], [17, 33], [2, 3, 4], [3, 1, 5], [2, 3, 4, 5], [4, 1, 2, 3, 2], [2, 2, 3, 2, 2, 2]];

function permutations(items: readonly number[]): number[][] {
  return items.length <= 1 ? [[...items]] : items.flatMap((item, i) => permutations([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]));
}

test.each(shapes.map((shape) => [shape]))('transposes of %j', async (shape) => {
  const all = permutations(shape.map((_, i) => i)).slice(0, 120);
  await expectSameAsCpu((tf, random) => all.map((perm) => tf.transpose(normal(tf, random, shape), perm)), 0);
  await expectSameAsCpu((tf, random) => valueAndGradients(tf, random, (x) => tf.transpose(x, all.at(-1)), [normal(tf, random, shape)]), 0);
});

test('transposes of integers, booleans and nothing', async () => {
  await expectSameAsCpu((tf, random) => [tf.transpose(integers(tf, random, [3, 50], 9)), tf.transpose(tf.cast(integers(tf, random, [20, 3], 2), 'bool')), tf.transpose(tf.zeros([0, 3])), tf.transpose(tf.scalar(2))], 0);
});

test.each([
  [[1], [3]],
  [[4], [2]],
  [[3, 1], [1, 4]],
  [[1, 3], [4, 1]],
  [[2, 3], [2, 3]],
  [[2, 3, 4], [1, 2, 1]],
  [[2, 1, 4], [3, 2, 5]],
  [[2, 3, 1, 2], [1, 1, 7, 1]],
])('tile of %j by %j, forward and gradient', async (shape, reps) => {
  await expectSameAsCpu((tf, random) => valueAndGradients(tf, random, (x) => tf.tile(x, reps), [normal(tf, random, shape)]));
});

test('tile of integers, booleans, and to nothing', async () => {
  await expectSameAsCpu((tf, random) => [tf.tile(integers(tf, random, [2, 3], 9), [2, 2]), tf.tile(tf.cast(integers(tf, random, [5], 2), 'bool'), [3]), tf.tile(tf.ones([2, 2]), [0, 1])], 0);
});

test.each([[[6], 0, [4]], [[6, 3], 0, [2, 2]], [[3, 6], 1, [5]], [[2, 5, 3], 1, [4]], [[2, 5, 40], 2, [3, 3]], [[4, 2], 0, [0]]])('gather from %j along axis %i at %j, forward and gradient', async (shape, axis, at) => {
  await expectSameAsCpu((tf, random) => {
    const indices = integers(tf, random, at, shape[axis]);
    return valueAndGradients(tf, random, (x) => tf.gather(x, indices, axis), [normal(tf, random, shape)]);
  });
});

test.each([[[3, 5], [3, 2], 1, 1], [[2, 5, 4], [2, 3], 1, 1], [[2, 3, 6], [2, 3, 2], 2, 2], [[2, 3, 6], [2, 4], 2, 1]])('gather from %j at %j, axis %i, batchDims %i: silently wrong in the stock wasm kernel', async (shape, at, axis, batchDims) => {
  await expectSameAsCpu((tf, random) => tf.gather(normal(tf, random, shape), integers(tf, random, at, shape[axis]), axis, batchDims), 0);
});

test('an index out of range is an error, not another number', async () => {
  await expect(onBothBackends((tf) => tf.gather(tf.ones([3, 2]), tf.tensor1d([3], 'int32')))).rejects.toThrow('index value 3 is not in [0, 2]');
});

test.each([[[6], 3], [[6, 4], 5], [[9, 2, 3], 2]])('unsorted segment sum of %j into %i: missing in the stock wasm backend', async (shape, segments) => {
  await expectSameAsCpu((tf, random) => {
    const ids = integers(tf, random, [shape[0]], segments) as ReturnType<typeof tf.tensor1d>;
    return valueAndGradients(tf, random, (x) => tf.unsortedSegmentSum(x, ids, segments), [normal(tf, random, shape)]);
  });
});

test.each([
  [[4, 9], 3, 1],
  [[4, 9], [2, 3, 4], 1],
  [[6, 5], 2, 0],
  [[2, 4, 3, 5], 2, 1],
  [[2, 6], [1, -1, 2], -1],
  [[50, 120], [40, 40, 40], 1],
] as [number[], number | number[], number][])('split of %j into %j along %i, and its gradient', async (shape, parts, axis) => {
  await expectSameAsCpu((tf, random) => {
    const x = normal(tf, random, shape);
    return [...tf.split(x, parts, axis), ...tf.split(integers(tf, random, shape, 9), parts, axis), ...valueAndGradients(tf, random, (y) => tf.split(y, parts, axis).reduce((sum, part, i) => tf.add(sum, tf.mul(tf.sum(tf.square(part)), i + 1)), tf.scalar(0)), [x])];
  });
});

test('a clone shares the values, outlives what it was made from, and is not changed by an assignment', async () => {
  const { tf } = await openBackend('wasm');
  const before = [tf.memory().numTensors, tf.backend().numDataIds()];
  const variable = tf.variable(tf.tensor1d([1, 2, 3]));
  const clone = variable.clone();
  variable.assign(tf.tensor1d([4, 5, 6]));
  expect([...clone.dataSync()]).toEqual([1, 2, 3]);
  expect([...variable.dataSync()]).toEqual([4, 5, 6]);
  variable.dispose();
  const second = clone.clone();
  clone.dispose();
  expect([...second.dataSync()]).toEqual([1, 2, 3]);
  second.dispose();
  // the two tensors that were assigned are the caller's
  expect([tf.memory().numTensors - before[0]!, tf.backend().numDataIds() - before[1]!]).toEqual([2, 2]);
});
