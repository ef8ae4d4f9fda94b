import { openBackend } from '../../../../src/trainer/backend/backend';
import { GaussianPolicy } from '../../../../src/trainer/models/policy';
import { RandomStream } from '../../../../src/trainer/random';

const shape = { observationSize: 5, actionSize: 3, hidden: [8, 6] };
const random = RandomStream.of(0, 0);
const normals = (n: number) => Float32Array.from({ length: n }, () => random.normal());
function made(): GaussianPolicy {
  const policy = new GaussianPolicy(shape);
  policy.initialise(random);
  for (const { values } of policy.parameters) for (let i = 0; i < values.length; i++) values[i]! += 0.1 * random.normal();
  return policy;
}

test('tensors are named and laid out as PyTorch’s nn.Sequential', () => {
  expect(new GaussianPolicy(shape).tensors.map(({ name, shape: dimensions }) => [name, ...dimensions])).toEqual([
    ['policy.0.weight', 8, 5], ['policy.0.bias', 8], ['policy.2.weight', 6, 8], ['policy.2.bias', 6], ['policy.4.weight', 3, 6], ['policy.4.bias', 3],
    ['policy.log_std', 3],
    ['value.0.weight', 8, 5], ['value.0.bias', 8], ['value.2.weight', 6, 8], ['value.2.bias', 6], ['value.4.weight', 1, 6], ['value.4.bias', 1],
    ['observation.mean', 5], ['observation.variance', 5],
  ]);
});

test('acts as the same network in TensorFlow.js', async () => {
  const { tf } = await openBackend('cpu');
  const policy = made();
  const input = normals(4 * 5);
  const tensor = (name: string) => {
    const { shape: dimensions, values } = policy.tensors.find((candidate) => candidate.name === name)!;
    return tf.tensor(values, [...dimensions]);
  };
  for (const [prefix, output] of [['policy', policy.actionMeans(input)], ['value', policy.values(input)]] as const) {
    let activations = tf.tensor(input, [4, 5]);
    for (const layer of [0, 2, 4]) {
      activations = tf.add(tf.matMul(activations, tensor(`${prefix}.${layer}.weight`), false, true), tensor(`${prefix}.${layer}.bias`));
      if (layer < 4) activations = tf.tanh(activations);
    }
    const expected = activations.dataSync();
    expect(output.length).toBe(expected.length);
    output.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
  }
});

test('weights start orthogonal with CleanRL’s gains', () => {
  const policy = new GaussianPolicy(shape);
  policy.initialise(RandomStream.of(2, 0));
  for (const [name, gain] of [['policy.0.weight', Math.SQRT2], ['policy.2.weight', Math.SQRT2], ['policy.4.weight', 0.01], ['value.4.weight', 1]] as const) {
    const { shape: [rows, columns], values } = policy.tensors.find((tensor) => tensor.name === name)!;
    const vector = (i: number) => Array.from({ length: Math.max(rows!, columns!) }, (_, k) => (rows! <= columns! ? values[i * columns! + k]! : values[k * columns! + i]!));
    for (let a = 0; a < Math.min(rows!, columns!); a++) {
      for (let b = 0; b <= a; b++) {
        const product = vector(a).reduce((sum, value, k) => sum + value * vector(b)[k]!, 0);
        expect(product / gain ** 2).toBeCloseTo(a === b ? 1 : 0, 4);
      }
    }
  }
});

test('log probabilities are those of independent normals', () => {
  const policy = made();
  policy.logStd.values.set([0, -1, 0.5]);
  const actions = Float32Array.of(0.3, -0.2, 1);
  const means = Float32Array.of(0, 0.1, -1);
  const density = (x: number, mean: number, std: number) => Math.exp(-((x - mean) ** 2) / (2 * std ** 2)) / (std * Math.sqrt(2 * Math.PI));
  const expected = Math.log([0, 1, 2].reduce((product, i) => product * density(actions[i]!, means[i]!, Math.exp(policy.logStd.values[i]!)), 1));
  expect(policy.logProbability(actions, means, 0)).toBeCloseTo(expected, 5);
});

test('KL to a reference agrees with its Monte Carlo estimate, and is 0 to itself', () => {
  const policy = made();
  const reference = made();
  const observation = normals(5);
  expect(policy.klTo(policy, observation)).toBeCloseTo(0, 10);
  const means = policy.actionMeans(observation);
  const others = reference.actionMeans(observation);
  const n = 40_000;
  let sum = 0;
  for (let k = 0; k < n; k++) {
    const action = means.map((mean, i) => mean + Math.exp(policy.logStd.values[i]!) * random.normal());
    sum += policy.logProbability(action, means, 0) - reference.logProbability(action, others, 0);
  }
  expect(policy.klTo(reference, observation) / (sum / n)).toBeCloseTo(1, 1);
});

test('observations are normalised by the stored statistics and clipped', () => {
  const policy = new GaussianPolicy(shape);
  policy.observationMean.values.set([1, 0, 0, 0, 0]);
  policy.observationVariance.values.set([4, 1, 1, 1, 0]);
  const normalised = new Float32Array(10);
  policy.normalise(Float64Array.of(5, 2, 50, -50, 0), normalised, 1);
  expect([...normalised]).toEqual([0, 0, 0, 0, 0, 2, 2, 10, -10, 0].map((value) => expect.closeTo(value, 5)));
});
