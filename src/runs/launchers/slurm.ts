import { nodeEnvironment } from '../launch';
import { readRunRecord } from '../run-directory';
import { wordsOf } from './command';
import type { Launcher } from './launcher';
import { startProcess } from './start-process';

/**
 * Starts each trainer as a Slurm job step of its own: `srun` waits in the queue and then until the trainer's end, so that
 * `--jobs` bounds what is submitted at a time. The runs' directory has to be on a file system that all nodes share.
 */
export const slurm: Launcher = {
  name: 'slurm',
  async start(directory, { trainer, settings }) {
    const name = (await readRunRecord(directory))?.name ?? '';
    // without --disable-status the first SIGINT only prints the job's state and never reaches the trainer
    const srun = ['srun', '--quiet', '--disable-status', '--ntasks=1', `--job-name=soup-${name}`, ...wordsOf(settings?.slurm ?? '')];
    return startProcess(directory, { argv: [...srun, 'node', trainer, directory], environment: nodeEnvironment(), state: 'queued' });
  },
};
