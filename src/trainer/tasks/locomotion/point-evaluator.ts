import { SoupError } from '../../../errors';
import type { LocomotionTask } from '../../../experiment/tasks/locomotion';
import type { SweepJob, SweepPoint } from '../../../runs/run-record';
import { evaluatePolicy } from '../../evaluation';
import { blendPolicies } from '../../models/blend-policies';
import type { GaussianPolicy } from '../../models/policy';
import { PolicyEnsemble } from '../../models/policy-ensemble';
import { readPolicy } from '../../models/policy-checkpoint';
import type { PointEvaluator } from '../../point-evaluator';
import { compileRewards } from '../../train';
import { taskNamed } from '../registry';

/** environments that are stepped side by side; episodes beyond it run in waves */
const maximumEnvironments = 16;

/** Plays episodes: episode k starts from the same reset at every point, and actions are the policy's means. */
export async function openLocomotionEvaluator(job: SweepJob, { environment, episodeSteps }: LocomotionTask): Promise<PointEvaluator> {
  const task = taskNamed(environment);
  const sizes = { task: task.name, observationSize: task.observationSize, actionSize: task.actionSize };
  const experts = new Map<string, GaussianPolicy>();
  for (const [name, checkpoint] of Object.entries(job.experts)) experts.set(name, await readPolicy(checkpoint, sizes));
  refuseIdenticalExperts(experts);
  const environments = await task.open(Math.min(job.samples, maximumEnvironments));
  return {
    backend: 'javascript',
    device: 'typed arrays on the CPU',
    async *evaluate(point) {
      const policy = point.checkpoint === null ? soupOf(point, experts) : await readPolicy(point.checkpoint, sizes);
      yield* evaluatePolicy(environments, policy, { task, rewards: compileRewards(job), episodeSteps, episodes: job.samples, seed: job.seed });
    },
    async *evaluateEnsemble(point) {
      const members = membersOf(point, experts);
      const soup = blendPolicies(members);
      const ensemble = new PolicyEnsemble(members, soup);
      const [kl, steps] = [new Float64Array(job.samples), new Int32Array(job.samples)];
      const observe = (normalised: Float32Array, active: Uint8Array, first: number) => {
        const rows = ensemble.klOfSoup(normalised);
        for (let i = 0; i < active.length; i++) {
          if (!active[i]) continue;
          kl[first + i]! += rows[i]!;
          steps[first + i]! += 1;
        }
      };
      let played = 0;
      for (const wave of evaluatePolicy(environments, ensemble, { task, rewards: compileRewards(job), episodeSteps, episodes: job.samples, seed: job.seed, observe })) {
        yield wave.map((score, i) => ({ ...score, kl: kl[played + i]! / steps[played + i]! }));
        played += wave.length;
      }
    },
    close: () => environments.close(),
  };
}

function soupOf(point: SweepPoint, experts: ReadonlyMap<string, GaussianPolicy>): GaussianPolicy {
  return blendPolicies(membersOf(point, experts));
}

function membersOf(point: SweepPoint, experts: ReadonlyMap<string, GaussianPolicy>): { policy: GaussianPolicy; weight: number }[] {
  const weights = point.weights ?? {};
  for (const name of Object.keys(weights)) {
    if (!experts.has(name)) throw new SoupError('UnknownExpertError', `Point ${point.name} weighs "${name}", but the experts are ${[...experts.keys()].join(', ')}.`);
  }
  return [...experts].map(([name, policy]) => ({ policy, weight: weights[name] ?? 0 }));
}

/** Soups of equal experts are all alike: a sure sign that a checkpoint was not what it seemed. */
function refuseIdenticalExperts(experts: ReadonlyMap<string, GaussianPolicy>): void {
  const [first, ...others] = [...experts.values()];
  if (!first || others.length === 0) return;
  const equalsFirst = (policy: GaussianPolicy) => policy.tensors.every(({ values }, i) => values.every((value, k) => value === first.tensors[i]!.values[k]));
  if (others.every(equalsFirst)) throw new SoupError('IdenticalExpertsError', `The experts ${[...experts.keys()].join(' and ')} have the same weights, so every soup is the same: check that each was trained on its own reward, and train again.`, { isInput: false });
}
