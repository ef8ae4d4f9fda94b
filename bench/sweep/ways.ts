import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseExpression } from '../../src/experiment/expression';
import { evaluatePolicy } from '../../src/trainer/evaluation';
import { blendPolicies } from '../../src/trainer/models/blend-policies';
import { GaussianPolicy } from '../../src/trainer/models/policy';
import { readPolicy, writePolicy } from '../../src/trainer/models/policy-checkpoint';
import { RandomStream } from '../../src/trainer/random';
import { halfCheetah } from '../../src/trainer/tasks/locomotion/half-cheetah';

const { observationSize, actionSize, name: task } = halfCheetah;
const sizes = { task, observationSize, actionSize };
const episodes = 16;

function expertOf(hidden: readonly number[], seed: number): GaussianPolicy {
  const policy = new GaussianPolicy({ observationSize, actionSize, hidden });
  policy.initialise(RandomStream.of(seed, 0));
  return policy;
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly ms: number }> {
  const start = performance.now();
  const value = await work();
  return { value, ms: performance.now() - start };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

/** Both ways at each λ, in turns that change sides; the policies that they evaluate must be the same bits. */
async function main(hidden: readonly number[], lambdas: number): Promise<void> {
  const experts = [expertOf(hidden, 1), expertOf(hidden, 2)];
  const folder = await mkdtemp(path.join(tmpdir(), 'soup-sweep-bench-'));
  const environments = await halfCheetah.open(episodes);
  const rewards = { velocity: parseExpression('velocity', ['velocity']) };
  const evaluate = async (policy: GaussianPolicy) => [...evaluatePolicy(environments, policy, { task: halfCheetah, rewards, episodeSteps: 50, episodes, seed: 0 })].flat();
  const blended = (lambda: number) => blendPolicies([{ policy: experts[0]!, weight: lambda }, { policy: experts[1]!, weight: 1 - lambda }]);
  const ways = {
    memory: async (lambda: number) => blended(lambda),
    disk: async (lambda: number) => {
      await writePolicy(folder, blended(lambda), task, {});
      return readPolicy(folder, sizes);
    },
  };
  const times: Record<keyof typeof ways, { form: number[]; point: number[] }> = { memory: { form: [], point: [] }, disk: { form: [], point: [] } };
  const turns = ['memory', 'disk'] as const;
  try {
    for (let k = -2; k < lambdas; k++) {
      const values: number[] = [];
      for (const way of k % 2 === 0 ? turns : [...turns].reverse()) {
        const formed = await timed(() => ways[way](Math.max(0, k) / (lambdas - 1)));
        const measured = await timed(() => evaluate(formed.value));
        values.push(measured.value.reduce((sum, { reward }) => sum + reward.velocity!, 0));
        if (k < 0) continue; // warming up
        times[way].form.push(formed.ms);
        times[way].point.push(formed.ms + measured.ms);
      }
      if (values[0] !== values[1]) throw new Error('the two ways evaluated different soups');
    }
  } finally {
    environments.close();
    await rm(folder, { recursive: true });
  }
  const parameters = experts[0]!.parameters.reduce((sum, { values }) => sum + values.length, 0);
  process.stdout.write(`${JSON.stringify({ parameters, memory: median(times.memory.form), disk: median(times.disk.form), memoryPoint: median(times.memory.point), diskPoint: median(times.disk.point) })}\n`);
}

void main(process.argv[2]!.split(',').map(Number), Number(process.argv[3]));
