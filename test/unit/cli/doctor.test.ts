import { describeReport, probeInProcess, type DoctorReport } from '../../../src/cli/doctor';

const report: DoctorReport = {
  version: '1.2.3', node: 'v20.20.2', platform: 'linux x64', processors: 2, processor: 'A processor', memoryBytes: 8 * 2 ** 30, freeMemoryBytes: 2 ** 30, mujoco: '/dist/mujoco.js',
  backends: [
    { name: 'tensorflow', works: false, reason: 'not installed', advice: 'install it' },
    { name: 'wasm', works: true, device: 'wasm SIMD (own kernels)', milliseconds: 1.46, suitsAuto: true },
    { name: 'cpu', works: true, device: 'cpu', milliseconds: 30, suitsAuto: false },
  ],
  automatic: 'wasm', canTrain: true,
};

test('each backend has its line: works with a time, or why not and what to do', () => {
  const text = describeReport(report).join('\n');
  expect(text).toMatch(/tensorflow +no +not installed\n +→ install it/);
  expect(text).toMatch(/wasm +works +wasm SIMD \(own kernels\), 1\.5 ms .*<- auto/);
  expect(text).not.toMatch(/cpu +works.*<- auto/);
  expect(text).toContain('8.0 GB, 1.0 GB free');
  expect(text).toContain('backend: auto takes wasm');
});

test('says so when nothing fast, or nothing at all, works, and when MuJoCo is missing', () => {
  expect(describeReport({ ...report, automatic: null }).at(-1)).toContain('backend: cpu works, slowly');
  expect(describeReport({ ...report, automatic: null, canTrain: false, backends: [] }).at(-1)).toBe('No backend trains here.');
  expect(describeReport({ ...report, mujoco: null }).join()).toContain('run `npm run build`');
});

test('a probe runs in a process of its own', async () => {
  expect(await probeInProcess('wasm')).toMatchObject({ name: 'wasm', works: true, suitsAuto: true });
});

test('a probe that hangs is ended and reported', async () => {
  expect(await probeInProcess('cpu', 1)).toMatchObject({ name: 'cpu', works: false, reason: 'no answer within 0.001 s' });
});
