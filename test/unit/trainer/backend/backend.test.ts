import { openBackend, probeBackend, probeBackends } from '../../../../src/trainer/backend/backend';
import { asBackendProblem, backendUnavailable } from '../../../../src/trainer/backend/problems';
import { findOptional, PackageNotInstalled, requireOptional } from '../../../../src/trainer/backend/optional-package';
import { SoupError } from '../../../../src/errors';

test.each(['cpu', 'wasm'] as const)('%s opens as itself and trains', async (name) => {
  const opened = await openBackend(name);
  expect(opened.name).toBe(name);
  expect(opened.tf.getBackend()).toBe(name);
  expect(opened.device).toMatch(name);
});

test('opening again is quick and gives the same backend', async () => {
  const first = await openBackend('wasm');
  const second = await openBackend('wasm');
  expect(second.tf).toBe(first.tf);
  expect(second.device).toMatch(/^wasm SIMD \(own kernels/);
});

test('auto says what it chose', async () => {
  const { name, device } = await openBackend('auto');
  expect(['tensorflow', 'webgpu', 'wasm']).toContain(name);
  expect(device).not.toBe('');
});

test('a named backend either opens as itself or says why not and what to do: no other takes its place', async () => {
  for (const name of ['tensorflow', 'webgpu'] as const) {
    const outcome = await openBackend(name).catch((error: unknown) => error);
    if (outcome instanceof Error) {
      expect(outcome).toBeInstanceOf(SoupError);
      expect(outcome.name).toBe('BackendUnavailableError');
      expect(outcome.message).toMatch(new RegExp(`^backend "${name}" does not work here: .+ — .*set backend: wasm`));
      expect(outcome.message).not.toContain('\n');
    } else expect(outcome).toMatchObject({ name });
  }
});

test('wasm and cpu pass their probe, with a time; a failed probe carries reason and advice', async () => {
  const probes = await probeBackends();
  expect(probes.map(({ name }) => name)).toEqual(['tensorflow', 'webgpu', 'wasm', 'cpu']);
  for (const probe of probes) {
    if (probe.works) expect(probe.milliseconds).toBeGreaterThan(0);
    else expect(probe.reason && probe.advice).toBeTruthy();
  }
  expect(await probeBackend('wasm')).toMatchObject({ name: 'wasm', works: true });
});

test('an unknown failure keeps its message, on one line', () => {
  expect(asBackendProblem(new Error('driver lost')).reason).toBe('driver lost');
  expect(asBackendProblem({ message: 'odd' }).reason).toBe('odd');
  expect(backendUnavailable('webgpu', new Error('a\n  b')).message).toMatch('does not work here: a b — run `soup doctor`');
});

test('a package that is not installed is told from one that fails', () => {
  expect(() => findOptional('no-such-package-of-ours')).toThrow(PackageNotInstalled);
  expect(requireOptional('yaml')).toHaveProperty('parse');
});
