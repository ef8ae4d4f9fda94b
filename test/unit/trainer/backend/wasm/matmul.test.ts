import { openBackend } from '../../../../../src/trainer/backend/backend';
import { expectSameAsCpu, integers, normal, onBothBackends, valueAndGradients } from '../compare';

const sizes = [1, 2, 3, 4, 5, 7, 8, 9, 17, 33];
const transpositions = [[false, false], [true, false], [false, true], [true, true]] as const;

describe.each(transpositions)('matrix product, transposeA %s, transposeB %s', (transposeA, transposeB) => {
  const shapes = (batchA: number[], batchB: number[], rows: number, depth: number, columns: number): [number[], number[]] => [
    [...batchA, ...(transposeA ? [depth, rows] : [rows, depth])],
    [...batchB, ...(transposeB ? [columns, depth] : [depth, columns])],
  ];

  test('every combination of odd sizes, forward', async () => {
    await expectSameAsCpu((tf, random) =>
      sizes.flatMap((rows) => sizes.flatMap((depth) => sizes.map((columns) => {
        const [a, b] = shapes([], [], rows, depth, columns).map((shape) => normal(tf, random, shape));
        return tf.matMul(a, b, transposeA, transposeB);
      }))),
      2e-6,
    );
  });

  test.each([[1, 1, 1], [3, 5, 2], [8, 4, 8], [13, 27, 64], [64, 300, 31], [65, 513, 9]])('gradients of %i × %i × %i', async (rows, depth, columns) => {
    await expectSameAsCpu((tf, random) => {
      const inputs = shapes([], [], rows, depth, columns).map((shape) => normal(tf, random, shape));
      return valueAndGradients(tf, random, (a, b) => tf.matMul(a, b, transposeA, transposeB), inputs);
    }, 2e-6);
  });

  test.each([
    [[2], [2]],
    [[3, 2], [3, 2]],
    [[1], [1]],
  ])('gradients of batches %j and %j', async (batchA, batchB) => {
    await expectSameAsCpu((tf, random) => {
      const inputs = shapes(batchA, batchB, 5, 7, 6).map((shape) => normal(tf, random, shape));
      return valueAndGradients(tf, random, (a, b) => tf.matMul(a, b, transposeA, transposeB), inputs);
    });
  });

  // Forward only: tfjs's gradient of a broadcast batch is broken on every backend. And against products of tensors that
  // were broadcast before: its cpu kernel takes the batch index modulo each operand's, which is wrong for [2, 1] × [1, 3].
  test.each([
    [[4], [1]],
    [[1], [4]],
    [[2, 1], [1, 3]],
    [[2, 3], []],
    [[], [3]],
    [[2, 1, 2], [3, 1]],
  ])('batch %j against batch %j', async (batchA, batchB) => {
    await expectSameAsCpu((tf, random) => {
      const [a, b] = shapes(batchA, batchB, 3, 10, 5).map((shape) => normal(tf, random, shape));
      if (tf.getBackend() === 'wasm') return tf.matMul(a, b, transposeA, transposeB);
      const batch = tf.add(tf.zeros([...batchA, 1]), tf.zeros([...batchB, 1])).shape.slice(0, -1);
      const [wideA, wideB] = [a, b].map((x) => tf.broadcastTo(x, [...batch, ...x.shape.slice(-2)]));
      return tf.matMul(wideA, wideB, transposeA, transposeB);
    });
  });

  test.each([[0, 3, 2], [3, 2, 0], [2, 0, 3]])('empty: %i × %i × %i', async (rows, depth, columns) => {
    const { wasm } = await onBothBackends((tf, random) => {
      const [a, b] = shapes([], [], rows, depth, columns).map((shape) => normal(tf, random, shape));
      return tf.matMul(a, b, transposeA, transposeB);
    });
    expect(wasm).toEqual([{ shape: [rows, columns], dtype: 'float32', values: new Array(rows * columns).fill(0) }]);
  });
});

test('int32 matrices, on which the stock wasm kernel throws', async () => {
  await expectSameAsCpu((tf, random) => tf.matMul(integers(tf, random, [3, 4], 9), integers(tf, random, [5, 4], 9), false, true), 0);
});

test('NaN and infinity go through', async () => {
  await expectSameAsCpu((tf) => tf.matMul(tf.tensor2d([[NaN, 1], [Infinity, 1], [1, 2]]), tf.tensor2d([[1, 2, 3], [4, 5, 6]])), 0);
});

test('mismatched inner sizes are refused as on cpu', async () => {
  const { tf } = await openBackend('wasm');
  expect(() => tf.matMul(tf.ones([2, 3]), tf.ones([2, 3]))).toThrow(/inner shapes|inner dimensions/i);
});
