import { expectSameAsCpu, integers, normal, valueAndGradients } from '../compare';

const shapes = [[1], [7], [4, 1], [1, 4], [3, 5], [65, 17], [130, 64], [2, 3, 4], [5, 1, 19], [2, 3, 4, 5], [1, 1, 1]];

/** Every non-empty set of axes of a rank. */
function axisSets(rank: number): number[][] {
  return Array.from({ length: 2 ** rank - 1 }, (_, bits) => Array.from({ length: rank }, (_unused, axis) => axis).filter((axis) => (bits + 1) & (1 << axis)));
}

test.each(shapes.map((shape) => [shape]))('sum of %j over every set of axes, forward and gradient', async (shape) => {
  for (const keepDims of [false, true]) {
    await expectSameAsCpu((tf, random) => axisSets(shape.length).flatMap((axes) => valueAndGradients(tf, random, (x) => tf.sum(x, axes, keepDims), [normal(tf, random, shape)])));
  }
});

test('mean, over all and over the batch', async () => {
  await expectSameAsCpu((tf, random) => [...valueAndGradients(tf, random, (x) => tf.mean(x), [normal(tf, random, [33, 5])]), ...valueAndGradients(tf, random, (x) => tf.mean(x, 0), [normal(tf, random, [33, 5])])]);
});

test.each([[[0, 3], 0], [[0, 3], 1], [[3, 0], 0], [[3, 0], 1], [[0], 0]])('sum of the empty %j over axis %i', async (shape, axis) => {
  await expectSameAsCpu((tf) => tf.sum(tf.zeros(shape), axis), 0);
});

test('scalars, negative axes, integers and booleans', async () => {
  await expectSameAsCpu((tf, random) => [
    tf.sum(tf.scalar(3)),
    tf.sum(normal(tf, random, [4, 6]), -1),
    tf.sum(normal(tf, random, [4, 6]), [-2]),
    tf.sum(integers(tf, random, [4, 6], 9), 0),
    tf.sum(tf.cast(integers(tf, random, [4, 6], 2), 'bool'), 0),
  ]);
});

test('a long column keeps its digits', async () => {
  await expectSameAsCpu((tf) => tf.sum(tf.fill([200_000, 9], 0.1), 0));
});
