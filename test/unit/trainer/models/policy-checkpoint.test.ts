import fc from 'fast-check';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readHeader } from '../../../../src/checkpoint/safetensors';
import { blend } from '../../../../src/merge/blend';
import { blendPolicies } from '../../../../src/trainer/models/blend-policies';
import { GaussianPolicy } from '../../../../src/trainer/models/policy';
import { readPolicy, writePolicy } from '../../../../src/trainer/models/policy-checkpoint';
import { RandomStream } from '../../../../src/trainer/random';

const shape = { observationSize: 4, actionSize: 2, hidden: [5] };
const sizes = { task: 'toy', observationSize: 4, actionSize: 2 };
function made(seed: number): GaussianPolicy {
  const policy = new GaussianPolicy(shape);
  policy.initialise(RandomStream.of(seed, 0));
  return policy;
}
const bits = (policy: GaussianPolicy) => policy.tensors.map(({ values }) => [...new Uint32Array(values.slice().buffer)]);

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'policy-'));
});
afterEach(() => rm(directory, { recursive: true }));

test('a policy comes back bit for bit, with its metadata beside it', async () => {
  const policy = made(1);
  await writePolicy(directory, policy, 'toy', { 'soup.kind': 'expert' });
  expect(bits(await readPolicy(directory, sizes))).toEqual(bits(policy));
  const header = await readHeader(path.join(directory, 'model.safetensors'));
  expect(header.metadata).toEqual({ format: 'pt', 'soup.kind': 'expert' });
  const config = JSON.parse(await readFile(path.join(directory, 'config.json'), 'utf8')) as object;
  expect(config).toMatchObject({ model_type: 'soup-mlp-policy', hidden_sizes: [5], task: 'toy' });
});

test('a checkpoint that does not fit is refused with what differs', async () => {
  await writePolicy(directory, made(1), 'toy', {});
  await expect(readPolicy(directory, { ...sizes, actionSize: 3 })).rejects.toThrow(/4 observations to 2 actions, but toy has 4 and 3/);
  const file = path.join(directory, 'config.json');
  const config = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  await writeFile(file, JSON.stringify({ ...config, hidden_sizes: [6] }));
  await expect(readPolicy(directory, sizes)).rejects.toThrow(/policy\.0\.weight: expected \[6, 4\], got \[5, 4\]/);
  await writeFile(file, JSON.stringify({ ...config, hidden_sizes: [] }));
  await expect(readPolicy(directory, sizes)).rejects.toThrow(/does not know: .*policy\.2\.weight/);
  await writeFile(file, JSON.stringify({ ...config, model_type: 'llama' }));
  await expect(readPolicy(directory, sizes)).rejects.toThrow(/"llama"/);
  await rm(file);
  await expect(readPolicy(directory, sizes)).rejects.toThrow(/config\.json cannot be read/);
});

test('λ = eᵢ is expert i bit for bit, and experts may be permuted with their weights', () => {
  const experts = [made(1), made(2), made(3)] as const;
  for (const [i, expert] of experts.entries()) expect(bits(blendPolicies(experts.map((policy, k) => ({ policy, weight: k === i ? 1 : 0 }))))).toEqual(bits(expert));
  fc.assert(
    fc.property(fc.float({ min: 0, max: 1, noNaN: true }), (weight) => {
      const pair = [{ policy: experts[0], weight }, { policy: experts[1], weight: 1 - weight }];
      expect(bits(blendPolicies(pair))).toEqual(bits(blendPolicies([...pair].reverse())));
    }),
    { numRuns: 50 },
  );
});

test('a soup in memory is the one that a merge writes to disk, bit for bit', async () => {
  const weights = [0.3, 0.1, 0.6];
  const policies = [made(1), made(2), made(3)];
  for (const [i, policy] of policies.entries()) await writePolicy(path.join(directory, `expert-${i}`), policy, 'toy', {});
  const output = path.join(directory, 'soup');
  await blend({ inputs: policies.map((_, i) => path.join(directory, `expert-${i}`)), weights, output });
  expect(bits(await readPolicy(output, sizes))).toEqual(bits(blendPolicies(policies.map((policy, i) => ({ policy, weight: weights[i]! })))));
});
