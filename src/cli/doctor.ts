import { Command } from 'commander';
import { execFile } from 'node:child_process';
import os from 'node:os';
import { version } from '../../package.json';
import { assetPath } from '../assets';
import type { BackendProbe } from '../trainer/backend/probe';

type BackendName = BackendProbe['name'];

/** What `soup doctor --json` prints. */
export interface DoctorReport {
  readonly version: string;
  readonly node: string;
  readonly platform: string;
  readonly processors: number;
  readonly processor: string;
  readonly memoryBytes: number;
  readonly freeMemoryBytes: number;
  /** the physics engine's bundle, or null when the build has not made it */
  readonly mujoco: string | null;
  readonly backends: readonly BackendProbe[];
  /** what `backend: auto` takes here; null when nothing works */
  readonly automatic: BackendName | null;
  /** whether at least one backend trains */
  readonly canTrain: boolean;
}

/** Best first; a probe of its own process each, so that a native library that crashes or hangs harms no other. */
const backends: readonly BackendName[] = ['tensorflow', 'webgpu', 'wasm', 'cpu'];
const probeTimeoutMs = 60_000;

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('Say which training backends work on this machine, why the others do not, and what to do about it.')
    .option('--json', 'print one JSON object')
    .action(async (options: { json?: boolean }) => {
      const report = await examine();
      process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : `${describeReport(report).join('\n')}\n`);
      if (!report.canTrain) process.exitCode = 1;
    });
}

/** Looks at the machine and tries every backend in a process of its own (about a second each). */
export async function examine(): Promise<DoctorReport> {
  const probes: BackendProbe[] = [];
  // one after the other: their times would disturb each other
  for (const name of backends) probes.push(await probeInProcess(name));
  const cpus = os.cpus();
  return {
    version,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    processors: os.availableParallelism(),
    processor: cpus[0]?.model.trim() ?? 'unknown',
    memoryBytes: os.totalmem(),
    freeMemoryBytes: os.freemem(),
    mujoco: findAsset('mujoco.js'),
    backends: probes,
    automatic: probes.find((probe) => probe.works && probe.suitsAuto)?.name ?? null,
    canTrain: probes.some(({ works }) => works),
  };
}

/** Probes one backend through `trainer.js --probe`: tfjs stays out of the command line's own process. */
export function probeInProcess(name: BackendName, timeoutMs = probeTimeoutMs): Promise<BackendProbe> {
  const trainer = findAsset('trainer.js');
  if (!trainer) return Promise.resolve({ name, works: false, reason: 'the trainer is missing from dist/', advice: 'run `npm run build`' });
  return new Promise((resolve) => {
    const options = { timeout: timeoutMs, killSignal: 'SIGKILL', env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' } } as const;
    execFile(process.execPath, [trainer, '--probe', name], options, (error, stdout, stderr) => {
      const line = stdout.trim().split('\n').at(-1) ?? '';
      const failed = (reason: string): BackendProbe => ({ name, works: false, reason, advice: `run \`node ${trainer} --probe ${name}\` to see all of what it prints` });
      if (error?.killed) resolve(failed(`no answer within ${timeoutMs / 1000} s`));
      else if (line.startsWith('{')) resolve(JSON.parse(line) as BackendProbe);
      else resolve(failed(`its process ended with ${error?.signal ?? `code ${error?.code ?? 0}`}: ${stderr.trim().split('\n').at(-1) || 'no message'}`));
    });
  });
}

/** The report as lines for a terminal. */
export function describeReport(report: DoctorReport): string[] {
  return [
    `rewarded-soups  ${report.version}`,
    `Node.js         ${report.node} (${report.platform})`,
    `Processors      ${report.processors} × ${report.processor}`,
    `Memory          ${gigabytes(report.memoryBytes)}, ${gigabytes(report.freeMemoryBytes)} free`,
    `MuJoCo          ${report.mujoco ?? 'missing from dist/: run `npm run build`'}`,
    '',
    'Training backends, best first',
    ...report.backends.flatMap((probe) => describeProbe(probe, probe.name === report.automatic)),
    '',
    report.automatic ? `backend: auto takes ${report.automatic}. Name a backend in the experiment file to repeat a run exactly elsewhere.` : report.canTrain ? 'backend: auto finds nothing fast here; backend: cpu works, slowly.' : 'No backend trains here.',
  ];
}

function describeProbe(probe: BackendProbe, isAutomatic: boolean): string[] {
  const name = probe.name.padEnd(12);
  if (probe.works) return [`  ${name}works  ${probe.device}, ${probe.milliseconds.toFixed(1)} ms for a 1024 × 64 layer with gradients${isAutomatic ? '  <- auto' : ''}`];
  return [`  ${name}no     ${probe.reason}`, `  ${' '.repeat(12)}       → ${probe.advice}`];
}

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GB`;
}

function findAsset(name: string): string | null {
  try {
    return assetPath(name);
  } catch {
    return null;
  }
}
