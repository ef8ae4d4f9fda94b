import type { Tensor } from '@tensorflow/tfjs';
import { grpoLoss, groupNormalised } from '../../../../src/trainer/algorithms/grpo';
import { learningRateAt, sampledKl } from '../../../../src/trainer/algorithms/language-training';
import { adaptedBeta, generalisedAdvantages, ppoLoss, tokenRewards } from '../../../../src/trainer/algorithms/ppo-kl';
import { leaveOneOut, reinforceLoss } from '../../../../src/trainer/algorithms/rloo';
import { likelihoodLoss } from '../../../../src/trainer/algorithms/sft';
import { openBackend, type Tf } from '../../../../src/trainer/backend/backend';

/** Two sequences of 3 and 2 tokens in a batch of 4 positions; the last of them, and what is marked 0, is not learned. */
const mask = [0, 1, 1, 1, 0, 1, 1, 0];
const old = [0, -1.2, -0.7, -2.1, 0, -0.4, -1.5, 0];
const reference = [0, -1.0, -0.9, -2.0, 0, -0.8, -1.1, 0];
/** far enough from `old` that some ratios are clipped, on both sides */
const logProbabilities = [0, -0.8, -0.75, -2.6, 0, -0.45, -1.1, 0];
const values = [0, 0.25, -0.2, 0.9, 0, 0.1, 0.4, 0];
const oldValues = [0, 0.1, -0.25, 0.2, 0, 0.5, 0.35, 0];
const returns = [0, 0.7, 0.3, -0.4, 0, -0.2, 0.8, 0];
const tokenAdvantages = [0, 1.1, -0.6, 0.8, 0, -1.3, 0.5, 0];
const sequenceAdvantages = [0.9, -1.4];
const clip = { clip: 0.2, valueClip: 0.2 };

type Loss = (tf: Tf, x: Tensor) => Tensor;
const matrix = (tf: Tf, numbers: readonly number[]) => tf.tensor2d([...numbers], [2, 4]);
const ppo = (tf: Tf, logs: Tensor, expected: Tensor) => ppoLoss(tf, logs, expected, { old: matrix(tf, old), oldValues: matrix(tf, oldValues), advantages: matrix(tf, tokenAdvantages), returns: matrix(tf, returns), mask: matrix(tf, mask) }, clip);
const grpo = (tf: Tf, logs: Tensor) => grpoLoss(tf, logs, { old: matrix(tf, old), reference: matrix(tf, reference), advantages: tf.tensor1d(sequenceAdvantages), mask: matrix(tf, mask) }, 0.2, 2);

// the same formulas once more, written with loops
const learned = mask.flatMap((isLearned, k) => (isLearned ? [k] : []));
const mean = (list: readonly number[]) => list.reduce((sum, x) => sum + x, 0) / list.length;
const clamp = (x: number, low: number, high: number) => Math.min(high, Math.max(low, x));
const ratio = (x: readonly number[], k: number) => Math.exp(x[k]! - old[k]!);
const surrogate = (x: readonly number[], k: number, advantage: number) => Math.min(ratio(x, k) * advantage, clamp(ratio(x, k), 0.8, 1.2) * advantage);
const bySequence = (of: (k: number) => number) => mean([0, 1].map((row) => mean(learned.filter((k) => Math.floor(k / 4) === row).map(of))));

const losses: readonly { readonly name: string; readonly at: readonly number[]; readonly loss: Loss; readonly plain: (x: readonly number[]) => number }[] = [
  { name: 'likelihood', at: logProbabilities, loss: (tf, x) => likelihoodLoss(tf, tf.mul(x, matrix(tf, mask)), 5), plain: (x) => -learned.reduce((sum, k) => sum + x[k]!, 0) / 5 },
  { name: 'REINFORCE', at: logProbabilities, loss: (tf, x) => reinforceLoss(tf, tf.mul(x, matrix(tf, mask)), tf.tensor1d(sequenceAdvantages), 2), plain: (x) => -learned.reduce((sum, k) => sum + sequenceAdvantages[Math.floor(k / 4)]! * x[k]!, 0) / 2 },
  { name: 'GRPO policy', at: logProbabilities, loss: (tf, x) => grpo(tf, x).policy, plain: (x) => -bySequence((k) => surrogate(x, k, sequenceAdvantages[Math.floor(k / 4)]!)) },
  { name: 'GRPO KL', at: logProbabilities, loss: (tf, x) => grpo(tf, x).kl, plain: (x) => bySequence((k) => Math.exp(reference[k]! - x[k]!) - (reference[k]! - x[k]!) - 1) },
  { name: 'PPO policy', at: logProbabilities, loss: (tf, x) => ppo(tf, x, matrix(tf, values)).policy, plain: (x) => -mean(learned.map((k) => surrogate(x, k, tokenAdvantages[k]!))) },
  {
    name: 'PPO value', at: values, loss: (tf, x) => ppo(tf, matrix(tf, logProbabilities), x).value,
    plain: (x) => 0.5 * mean(learned.map((k) => Math.max((x[k]! - returns[k]!) ** 2, (oldValues[k]! + clamp(x[k]! - oldValues[k]!, -0.2, 0.2) - returns[k]!) ** 2))),
  },
];

describe.each(['cpu', 'wasm'] as const)('%s', (name) => {
  let tf: Tf;
  beforeAll(async () => {
    ({ tf } = await openBackend(name));
  });

  test.each(losses)('$name: value by loops, gradient by finite differences', ({ at, loss, plain }) => {
    const { value, grad } = tf.valueAndGrad((x) => tf.sum(loss(tf, x)))(matrix(tf, at));
    expect(value.dataSync()[0]).toBeCloseTo(plain(at), 5);
    const step = 1e-5;
    const moved = (k: number, by: number) => plain(at.map((x, index) => (index === k ? x + by : x)));
    const numerical = at.map((_, k) => (moved(k, step) - moved(k, -step)) / (2 * step));
    [...grad.dataSync()].forEach((analytical, k) => expect(analytical).toBeCloseTo(numerical[k]!, 4));
    expect(numerical.some((x) => Math.abs(x) > 1e-3)).toBe(true);
  });
});

test('the clip fraction counts the ratios beyond the clip', async () => {
  const { tf } = await openBackend('cpu');
  const beyond = learned.filter((k) => Math.abs(ratio(logProbabilities, k) - 1) > 0.2).length;
  expect(beyond).toBe(3);
  expect(ppo(tf, matrix(tf, logProbabilities), matrix(tf, values)).clipFraction.dataSync()[0]).toBeCloseTo(beyond / 5, 6);
});

test('leave-one-out: each sample against the mean of the others of its prompt', () => {
  expect(leaveOneOut([1, 2, 6, 5, 5, 5], 3)).toEqual([1 - 4, 2 - 3.5, 6 - 1.5, 0, 0, 0]);
});

test('groups are normalised by their own mean and deviation; equal rewards give no advantage', () => {
  const [a, b, c, d] = groupNormalised([1, 3, 7, 7], 2);
  expect([a, b]).toEqual([-1 / (Math.SQRT2 + 1e-4), 1 / (Math.SQRT2 + 1e-4)]);
  expect([c, d]).toEqual([0, 0]);
});

test('token rewards add up to the reward less β times the sampled KL', () => {
  const continuation = { logProbabilities: Float32Array.of(-1, -2, -0.5), referenceLogProbabilities: Float32Array.of(-1.5, -1, -0.5), reward: 3 };
  expect(sampledKl(continuation)).toBeCloseTo(-0.5, 6);
  const rewards = tokenRewards(continuation, 0.2);
  expect(rewards.reduce((sum, reward) => sum + reward, 0)).toBeCloseTo(3 + 0.2 * 0.5, 5);
  expect(rewards[0]).toBeCloseTo(-0.1, 6);
});

test('advantages: with γ = λ = 1 the return to go less the value, with λ = 0 the one-step error', () => {
  const [rewards, expected] = [Float32Array.of(1, 0, 2), Float32Array.of(0.5, 0.25, 1)];
  expect([...generalisedAdvantages(rewards, expected, { gamma: 1, gaeLambda: 1 }).advantages]).toEqual([2.5, 1.75, 1]);
  expect([...generalisedAdvantages(rewards, expected, { gamma: 0.5, gaeLambda: 0 }).advantages]).toEqual([0.625, 0.25, 1]);
  expect([...generalisedAdvantages(rewards, expected, { gamma: 1, gaeLambda: 1 }).returns]).toEqual([3, 2, 2]);
});

test('an adaptive β follows TRL\'s rule, a fixed one stays', () => {
  const settings = { klTarget: 6, klHorizon: 10_000 };
  expect(adaptedBeta(0.2, 6, 128, settings)).toBe(0.2);
  expect(adaptedBeta(0.2, 60, 128, settings)).toBeCloseTo(0.2 * (1 + (0.2 * 128) / 10_000), 12);
  expect(adaptedBeta(0.2, 5.4, 128, settings)).toBeCloseTo(0.2 * (1 - (0.1 * 128) / 10_000), 12);
  expect(adaptedBeta(0.2, 60, 128, { klTarget: null, klHorizon: 1 })).toBe(0.2);
});

test('the learning rate rises, then stays or falls to 0', () => {
  const at = (schedule: 'constant' | 'linear' | 'cosine', step: number) => learningRateAt({ learningRate: 1, warmupSteps: 4, schedule, steps: 12 }, step);
  expect([0, 1, 3, 4, 11].map((step) => at('constant', step))).toEqual([0.25, 0.5, 1, 1, 1]);
  expect(at('linear', 8)).toBe(0.5);
  expect(at('cosine', 8)).toBeCloseTo(0.5, 12);
  expect(at('cosine', 4)).toBe(1);
  expect(at('linear', 11)).toBe(0.125);
});
