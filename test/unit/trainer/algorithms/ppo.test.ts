import { parseExpression } from '../../../../src/experiment/expression';
import type { PpoConfig } from '../../../../src/experiment/schema';
import { Ppo } from '../../../../src/trainer/algorithms/ppo';
import { generalisedAdvantages } from '../../../../src/trainer/algorithms/ppo-rollout';
import { openBackend } from '../../../../src/trainer/backend/backend';
import { GaussianPolicy } from '../../../../src/trainer/models/policy';
import { RandomStream } from '../../../../src/trainer/random';
import { toyTask } from './toy-task';

const config: PpoConfig = {
  steps: 8192, environments: 8, rolloutSteps: 64, epochs: 4, minibatch: 256, learningRate: 3e-3, annealLearningRate: true, gamma: 0.9, gaeLambda: 0.95,
  clip: 0.2, entropyCoefficient: 0, valueCoefficient: 0.5, maxGradientNorm: 0.5, targetKl: null, hidden: [16],
};

async function ppo(overrides: Partial<PpoConfig> = {}, objective = 'nearness'): Promise<{ ppo: Ppo; policy: GaussianPolicy }> {
  const { tf } = await openBackend('cpu');
  const shape = { observationSize: 2, actionSize: 1, hidden: config.hidden };
  const policy = new GaussianPolicy(shape);
  policy.initialise(RandomStream.of(0, 0));
  const reference = new GaussianPolicy(shape);
  reference.copyFrom(policy);
  const names = ['nearness', 'progress'];
  const made = new Ppo({
    tf, task: toyTask, environments: await toyTask.open(config.environments), episodeSteps: 20, config: { ...config, ...overrides }, seed: 0,
    objective: parseExpression(objective, names), rewards: { near: parseExpression('nearness', names), far: parseExpression('-nearness', names) },
    policy, reference, learnsObservationStatistics: true,
  });
  made.begin();
  return { ppo: made, policy };
}

test('advantages are the λ-weighted sums of temporal differences, cut where episodes end', () => {
  const [steps, count, gamma, gaeLambda] = [6, 2, 0.9, 0.8];
  const random = RandomStream.of(4, 4);
  const draw = (n: number) => Float32Array.from({ length: n }, () => random.normal());
  const rollout = { rewards: draw(steps * count), values: draw(steps * count), ends: Uint8Array.of(0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1) };
  const last = draw(count);
  const advantages = generalisedAdvantages(rollout, last, { gamma, gaeLambda });
  // equation 16 of Schulman et al. as it stands: Σ_l (γλ)^l δ_{t+l}
  for (let i = 0; i < count; i++) {
    for (let t = 0; t < steps; t++) {
      let expected = 0;
      for (let l = 0; t + l < steps; l++) {
        const row = (t + l) * count + i;
        const next = t + l + 1 < steps ? rollout.values[row + count]! : last[i]!;
        expected += (gamma * gaeLambda) ** l * (rollout.rewards[row]! + (rollout.ends[row] ? 0 : gamma * next) - rollout.values[row]!);
        if (rollout.ends[row]) break;
      }
      expect(advantages[t * count + i]).toBeCloseTo(expected, 5);
    }
  }
});

test('the policy gets better at what it is trained for, and every reward is measured', async () => {
  const { ppo: training } = await ppo();
  const objectives: number[] = [];
  const nearness: number[] = [];
  while (!training.isDone) {
    const { objective, episodes } = await training.iterate();
    objectives.push(objective);
    for (const { reward, metric } of episodes) {
      expect(reward.far).toBeCloseTo(-reward.near!, 9);
      expect(metric.nearness).toBeCloseTo(reward.near!, 9);
      nearness.push(reward.near!);
    }
  }
  expect(training.step).toBe(config.steps);
  expect(objectives.at(-1)! - objectives[0]!).toBeGreaterThan(0.5);
  expect(nearness.at(-1)!).toBeGreaterThan(0.3);
  training.dispose();
});

test('the objective follows `progress`', async () => {
  const { ppo: training } = await ppo({ steps: 1024 }, 'progress');
  const first = await training.iterate();
  const second = await training.iterate();
  expect(first.objective).toBeCloseTo(0.25, 2);
  expect(second.objective).toBeCloseTo(0.75, 2);
  training.dispose();
});

test('the same seed gives the same numbers', async () => {
  const run = async () => {
    const { ppo: training, policy } = await ppo();
    const iterations = [await training.iterate(), await training.iterate()];
    training.dispose();
    return { iterations, weights: policy.parameters.map(({ values }) => [...values]) };
  };
  expect(await run()).toEqual(await run());
});

test('an update keeps no tensors, and disposing gives all back', async () => {
  const { tf } = await openBackend('cpu');
  const before = tf.memory().numTensors;
  const { ppo: training } = await ppo();
  await training.iterate();
  const after = tf.memory().numTensors;
  for (let i = 0; i < 3; i++) await training.iterate();
  expect(tf.memory().numTensors).toBe(after);
  training.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

test('an update stops after the epoch that exceeds the target KL', async () => {
  const free = await ppo({ epochs: 20, learningRate: 0.02 });
  const stopped = await ppo({ epochs: 20, learningRate: 0.02, targetKl: 1e-4 });
  const [without, withTarget] = [await free.ppo.iterate(), await stopped.ppo.iterate()];
  expect([without.epochs, withTarget.epochs]).toEqual([20, 1]);
  free.ppo.dispose();
  stopped.ppo.dispose();
});

test('a loss that is not finite ends the training with its name and what to try', async () => {
  const { ppo: training } = await ppo({}, 'log(nearness - 10)');
  await expect(training.iterate()).rejects.toMatchObject({ name: 'DivergedError', message: expect.stringMatching(/step 512.*learningRate/) as string });
  training.dispose();
});
