import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { availableParallelism, cpus, hostname, totalmem } from 'node:os';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { version } from '../../package.json';
import type { Plan } from '../experiment/plan';
import { readWrittenRecord } from './run-directory';

/**
 * Writes `experiment.resolved.json`: the file's hash, every default filled in, seeds, versions, machine, and the backend that each
 * run has used so far.
 */
export async function writeResolvedExperiment(plan: Plan, file: string): Promise<void> {
  const runs = await Promise.all([...plan.trainings, plan.sweep].map(async ({ id, directory, job }) => {
    const record = await readWrittenRecord(directory).catch(() => null);
    return { id, seed: job.seed, state: record?.state ?? null, backend: record?.backend ?? null, device: record?.device ?? null, job };
  }));
  const resolved = {
    version,
    file: path.relative(plan.directory, path.resolve(file)),
    sha256: createHash('sha256').update(await readFile(file)).digest('hex'),
    machine: { host: hostname(), platform: process.platform, architecture: process.arch, processor: cpus()[0]?.model ?? 'unknown', cores: availableParallelism(), memoryBytes: totalmem() },
    node: process.version,
    experiment: plan.experiment,
    runs,
  };
  await mkdir(plan.directory, { recursive: true });
  await writeFileAtomic(path.join(plan.directory, 'experiment.resolved.json'), `${JSON.stringify(resolved, null, 2)}\n`);
}
