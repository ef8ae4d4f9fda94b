import type { Experiment } from '../../experiment/schema';
import type { RunRecord } from '../run-record';

/** A run that was started. */
export interface RunHandle {
  /** its final record; never rejects for what the run itself does */
  readonly stopped: Promise<RunRecord>;
  /** Asks it to write a checkpoint and end; kills it after the grace time. */
  stop(): Promise<void>;
  /** Ends it and everything it started, at once. */
  kill(): Promise<void>;
}

export interface LaunchContext {
  /** path of trainer.js */
  readonly trainer: string;
  readonly settings: Experiment['launcher'];
}

/** A way to have a run carried out. It writes log.txt, and run.json until the trainer does. */
export interface Launcher {
  readonly name: string;
  /** @param directory a run directory whose run.json holds the job, queued */
  start(directory: string, context: LaunchContext): Promise<RunHandle>;
}
