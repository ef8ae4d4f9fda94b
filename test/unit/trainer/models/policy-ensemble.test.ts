import { blendPolicies } from '../../../../src/trainer/models/blend-policies';
import { GaussianPolicy } from '../../../../src/trainer/models/policy';
import { PolicyEnsemble } from '../../../../src/trainer/models/policy-ensemble';
import { RandomStream } from '../../../../src/trainer/random';

const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
const normals = (length: number, random: RandomStream) => Float32Array.from({ length }, () => random.normal());

/** A policy at a distance `scale` from another, in a direction drawn from `seed`. */
function near(base: GaussianPolicy, scale: number, seed: number): GaussianPolicy {
  const random = RandomStream.of(seed, 0);
  const policy = new GaussianPolicy(base.shape);
  policy.copyFrom(base);
  for (const { values, name } of policy.parameters) if (name !== 'policy.log_std') for (let i = 0; i < values.length; i++) values[i] = values[i]! + scale * random.normal();
  return policy;
}

function setting(hidden: readonly number[], scale: number) {
  const base = new GaussianPolicy({ observationSize: 5, actionSize: 3, hidden });
  base.initialise(RandomStream.of(1, 0));
  const members = [{ policy: near(base, scale, 2), weight: 0.3 }, { policy: near(base, scale, 3), weight: 0.7 }];
  const soup = blendPolicies(members);
  return { members, soup, ensemble: new PolicyEnsemble(members, soup), observations: normals(5 * 64, RandomStream.of(4, 0)) };
}

test('of linear policies the ensemble is the soup', () => {
  const { soup, ensemble, observations } = setting([], 0.5);
  const own = soup.actionMeans(observations);
  ensemble.actionMeans(observations).forEach((value, i) => expect(value).toBeCloseTo(own[i]!, 5));
  expect(mean(ensemble.klOfSoup(observations))).toBeLessThan(1e-10);
});

test('mean actions are the weighted sum of the experts', () => {
  const { members, ensemble, observations } = setting([8], 0.5);
  const [a, b] = members.map(({ policy }) => policy.actionMeans(observations));
  ensemble.actionMeans(observations).forEach((value, i) => expect(value).toBeCloseTo(0.3 * a![i]! + 0.7 * b![i]!, 6));
});

test('the KL is that of two Gaussian policies where the ensemble is one expert', () => {
  const { members, observations } = setting([8], 0.5);
  const [a, b] = members.map(({ policy }) => policy);
  const ensemble = new PolicyEnsemble([{ policy: b!, weight: 1 }], a!);
  expect(mean(ensemble.klOfSoup(observations))).toBeCloseTo(a!.klTo(b!, observations), 5);
});

test('soup and ensemble agree to first order: half the distance, a sixteenth of the KL', () => {
  const kl = (scale: number) => {
    const { ensemble, observations } = setting([16, 16], scale);
    return mean(ensemble.klOfSoup(observations));
  };
  expect(Math.log2(kl(0.04) / kl(0.02))).toBeGreaterThan(3.5);
  expect(Math.log2(kl(0.04) / kl(0.02))).toBeLessThan(4.5);
});
