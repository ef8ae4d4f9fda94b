import { nodeEnvironment } from '../launch';
import type { Launcher } from './launcher';
import { startProcess } from './start-process';

/** Starts the trainer as a child process on this machine, with one thread for its libraries. */
export const local: Launcher = {
  name: 'local',
  start: (directory, { trainer }) => startProcess(directory, {
    argv: [process.execPath, trainer, directory],
    // two trainings with many threads each are slower than with one (and results depend on their number)
    environment: nodeEnvironment({ OMP_NUM_THREADS: '1', TF_NUM_INTRAOP_THREADS: '1', TF_NUM_INTEROP_THREADS: '1' }),
    state: 'starting',
  }),
};
