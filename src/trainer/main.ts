import { SoupError } from '../errors';
import { isProcessAlive, processStartedAt } from '../runs/process-identity';
import { readRunRecord, updateRunRecord } from '../runs/run-directory';
import { isTextJob, type Job, type RunRecord } from '../runs/run-record';
import { probeBackend, probeBackends } from './backend/backend';
import { backendOrder } from './backend/probe';
import { listenForStop, type StopRequest } from './stop-request';
import { PausedError } from './paused';
import { parentPort, servePreview } from './preview/serve';
import { sweep } from './sweep';
import { trainText } from './tasks/text/train-text';
import { train, type Outcome } from './train';

const usage = 'usage: node dist/trainer.js <run directory with run.json>';

/**
 * The trainer's process: carries out the job of a run directory and is the only writer of its run.json meanwhile.
 * Exit codes: 0 done (or done before), 1 failed, 2 wrong call, 130 stopped by a signal, to be resumed.
 */
async function main(argv: readonly string[]): Promise<number> {
  const [directory] = argv;
  if (directory === '--probe') return await printProbe(argv[1]);
  if (directory === '--preview') return await servePreview(parentPort());
  if (!directory || argv.length > 1) throw new SoupError('UsageError', usage);
  const stop = listenForStop();
  const record = await readRunRecord(directory);
  if (!record) throw new SoupError('NoRunRecordError', `${directory} has no run.json: ${usage}`);
  if (record.state === 'succeeded') return 0;
  if (!record.job) throw new SoupError('NoJobError', `${directory}/run.json describes no job for the trainer.`);
  await refuseSecondTrainer(directory, record);
  await updateRunRecord(directory, {
    state: 'running', pid: process.pid, pidStartedAt: await processStartedAt(process.pid), argv: process.argv,
    startedAt: record.startedAt ?? new Date().toISOString(), endedAt: null, exitCode: null, signal: null, error: null,
  });
  try {
    return await finish(directory, await carryOut(directory, record.job, stop), stop);
  } catch (error) {
    if (error instanceof PausedError) return await pause(directory, error);
    await updateRunRecord(directory, { state: 'failed', endedAt: new Date().toISOString(), exitCode: 1, error: describe(error) });
    throw error instanceof SoupError ? new SoupError(error.name, error.message, { isInput: false, cause: error }) : error;
  }
}

/** `--probe [backend]`, for `soup doctor`: prints one probe, or an array of all, as a line of JSON. */
async function printProbe(name: string | undefined): Promise<number> {
  const known = backendOrder.find((backend) => backend === name);
  const line = `${JSON.stringify(known ? await probeBackend(known) : await probeBackends())}\n`;
  await new Promise((written) => process.stdout.write(line, written));
  return 0;
}

function carryOut(directory: string, job: Job, stop: StopRequest): Promise<Outcome> {
  if (job.kind === 'sweep') return sweep(directory, job, stop);
  return isTextJob(job) ? trainText(directory, job, stop) : train(directory, job, stop);
}

async function finish(directory: string, outcome: Outcome, stop: StopRequest): Promise<number> {
  const exitCode = outcome === 'succeeded' ? 0 : 130;
  await updateRunRecord(directory, { state: outcome, endedAt: new Date().toISOString(), exitCode, signal: outcome === 'stopped' ? stop.signal : null });
  return exitCode;
}

/** The run waits for something outside of it: it ends as one that was stopped, and says why. */
async function pause(directory: string, error: PausedError): Promise<number> {
  await updateRunRecord(directory, { state: 'stopped', endedAt: new Date().toISOString(), exitCode: 130, signal: null, error: describe(error) });
  process.stderr.write(`${error.name}: ${error.message}\n`);
  return 130;
}

async function refuseSecondTrainer(directory: string, record: RunRecord): Promise<void> {
  const { state, pid } = record;
  if ((state !== 'running' && state !== 'stopping') || pid === null || pid === process.pid) return;
  if (await isProcessAlive(pid, record.pidStartedAt)) {
    throw new SoupError('AlreadyRunningError', `${directory} is being trained by process ${pid}: stop it first, or wait for its end.`);
  }
}

function describe(error: unknown): { name: string; message: string } {
  return error instanceof Error ? { name: error.name, message: error.message } : { name: 'Error', message: String(error) };
}

main(process.argv.slice(2)).then(
  // the backends keep handles open (WebGPU hangs without this), and everything is written by now
  (code) => process.exit(code),
  (error: unknown) => {
    const { name, message } = describe(error);
    process.stderr.write(`${name}: ${message.replaceAll('\n', ' ')}\n`);
    if (process.env.SOUP_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    process.exit(error instanceof SoupError && error.isInput ? 2 : 1);
  },
);
