import { Option, type Command } from 'commander';
import { searchText } from '../analysis/search-text';
import { verdictText } from '../analysis/verdict-text';
import type { PlannedRun } from '../experiment/plan';
import { backendNames, type BackendName } from '../experiment/schema';
import type { Analysis } from '../runs/analyse';
import type { StudyAnalysis } from '../runs/analyse-study';
import { runPipeline, type PipelineOptions, type PipelineOutcome } from '../runs/pipeline';
import { shownPath } from '../shown-path';
import { findingText } from '../studies/finding-text';
import { numberOption } from './options';
import { progressView } from './progress-view';
import { variantOf, withVariantOptions, type VariantOptions } from './variant-options';

/** The options that run, train and sweep share, as commander hands them over. */
export interface SharedOptions extends VariantOptions {
  readonly backend?: BackendName;
  readonly jobs?: number;
}

export function withSharedOptions(command: Command): Command {
  return withVariantOptions(command, 'lay a variant of the file over it; its runs go to runs/<name>-<variant>')
    .addOption(new Option('--backend <name>', 'what computes, instead of the file\'s choice').choices(backendNames));
}

export const jobsOption = new Option('--jobs <n>', 'trainings at a time (default: one a core)').argParser(numberOption('jobs', { from: 1, integer: true }));

/**
 * Runs stages of an experiment with progress on stderr, and results on stdout. The first Ctrl-C asks every run to write a checkpoint
 * and end (exit code 130); the second kills them. Returns how it ended.
 */
export async function runStages(file: string, shared: SharedOptions, options: Pick<PipelineOptions, 'stages' | 'only' | 'launcher' | 'grid' | 'samples' | 'search' | 'budget'>): Promise<PipelineOutcome['state']> {
  const view = progressView();
  const [stop, kill] = [new AbortController(), new AbortController()];
  const onSignal = () => {
    if (stop.signal.aborted) return kill.abort();
    view.say('Stopping: every run writes a checkpoint; once more kills them.');
    stop.abort();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  try {
    const outcome = await runPipeline({
      ...options, file, variant: variantOf(shared), backend: shared.backend, jobs: shared.jobs, stop: stop.signal, kill: kill.signal,
      listener: {
        onPlan: ({ trainings }, runs) => view.say(planText(trainings.length, runs)),
        onRunStart: (run) => view.add(run),
        onRunEnd: ({ id }, { state, error }) => (state === 'stopped' && error ? view.say(`${id} paused: ${error.message}`) : undefined),
      },
    });
    await view.end();
    report(outcome);
    return outcome.state;
  } catch (error) {
    await view.end();
    throw error;
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
  }
}

const namedRuns = 12;

function planText(trainings: number, runs: readonly PlannedRun[]): string {
  const todo = runs.map(({ id }) => id);
  const done = trainings - runs.filter(({ job }) => job.kind !== 'sweep').length;
  return `${done > 0 ? `${done} of ${trainings} trainings are done. ` : ''}To do: ${todo.length > 0 ? todo.slice(0, namedRuns).join(', ') : 'nothing'}${todo.length > namedRuns ? ` and ${todo.length - namedRuns} more` : ''}.`;
}

/** Says how it ended, and sets the exit code. */
function report({ state, failures, answers, analysis, study, work }: PipelineOutcome): void {
  for (const { id, message, log } of failures) process.stderr.write(`soup: ${id} failed: ${message} (log: ${shownPath(log)})\n`);
  if (state === 'stopped') process.stderr.write('Stopped. The same command goes on from here.\n');
  const found = analysis ? analysisText(analysis) : study ? studyText(work.experiment.name, study) : state === 'succeeded' ? [shownPath(work.directory)] : [];
  const lines = [...answers.flatMap(searchText), ...found];
  if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`);
  process.exitCode = Math.max(Number(process.exitCode ?? 0), { succeeded: 0, failed: 1, stopped: 130 }[state]);
}

function analysisText({ lmc, front, report: index }: Analysis): string[] {
  const number = (value: number) => Number(value.toPrecision(4)).toString();
  const reference = Object.entries(front.reference).map(([reward, value]) => `${reward} ${number(value)}`).join(', ');
  const { soup, morl } = front.hypervolume;
  return [...verdictText(lmc), `Hypervolume above (${reference}): soups and experts ${number(soup)}${morl === null ? '' : `, MORL ${number(morl)}`}`, `Report: ${shownPath(index)}`];
}

function studyText(name: string, { report: { findings }, index }: StudyAnalysis): string[] {
  return [`${name}:`, ...findings.map((finding) => `  ${findingText(finding)}`), `Report: ${shownPath(index)}`];
}
