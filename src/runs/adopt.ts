import { finalStates, readRunRecord } from './run-directory';
import type { RunRecord } from './run-record';
import type { RunHandle } from './launchers/launcher';
import { killTree } from './kill-tree';
import { stopRun } from './stop';

/**
 * A handle on a run that somebody else started and that still lives: a trainer whose starter was killed goes on, and the
 * next call of `soup run` waits for it instead of starting a second one.
 */
export function adoptRun(directory: string, record: RunRecord, pollMs = 500): RunHandle {
  return {
    stopped: endOf(directory, record, pollMs),
    stop: async () => void (await stopRun(directory)),
    kill: async () => {
      if (record.pid !== null) await killTree(record.pid, 'SIGKILL');
    },
  };
}

async function endOf(directory: string, last: RunRecord, pollMs: number): Promise<RunRecord> {
  for (let record = last; ; await new Promise((resolve) => setTimeout(resolve, pollMs))) {
    record = (await readRunRecord(directory)) ?? { ...record, state: 'lost' };
    if (finalStates.includes(record.state)) return record;
  }
}
