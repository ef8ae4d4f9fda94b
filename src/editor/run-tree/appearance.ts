import * as l10n from '@vscode/l10n';
import type { RunState } from '../../runs/run-record';
import { formatDuration, formatFraction, isActive } from './progress';
import { experimentState, type ExperimentNode, type RunNode } from './run-model';

/** A product icon of the editor and the colour that it is drawn in; null leaves the tree's own colour. */
export interface StateIcon {
  readonly icon: string;
  readonly color: string | null;
}

/** How the tree draws each state. */
export const stateIcons: Readonly<Record<RunState, StateIcon>> = {
  queued: { icon: 'clock', color: null },
  starting: { icon: 'loading~spin', color: null },
  running: { icon: 'sync~spin', color: 'charts.blue' },
  stopping: { icon: 'loading~spin', color: 'charts.yellow' },
  stopped: { icon: 'debug-pause', color: 'charts.yellow' },
  succeeded: { icon: 'pass-filled', color: 'testing.iconPassed' },
  failed: { icon: 'error', color: 'testing.iconFailed' },
  lost: { icon: 'debug-disconnect', color: 'testing.iconFailed' },
};

/** The grey text behind a run's name: `running · 43 % · 2 min left · wasm SIMD`, `stopped · 43 % · tensorflow on NVIDIA L4`. */
export function runDescription({ record, progress }: RunNode): string {
  const parts: string[] = [record.state];
  if (progress) {
    parts.push(formatFraction(progress.fraction));
    if (isActive(record.state) && progress.secondsLeft !== null) parts.push(l10n.t('{0} left', formatDuration(progress.secondsLeft)));
  }
  const engine = engineText(record)?.replace(/ \(.*\)$/, '');
  if (engine) parts.push(engine);
  return parts.join(' · ');
}

/** Backend and device in use: `tensorflow on NVIDIA L4`, or the device alone where its name begins with the backend's. */
function engineText({ backend, device }: RunNode['record']): string | null {
  if (!backend || !device) return backend;
  return device.toLowerCase().startsWith(backend.toLowerCase()) ? device : l10n.t('{0} on {1}', backend, device);
}

/** The grey text behind an experiment's name; while it runs, what is being worked at: `running · base · 43 %`. */
export function experimentDescription(experiment: ExperimentNode): string {
  const state = experimentState(experiment);
  const active = experiment.runs.filter(({ record }) => isActive(record.state) && record.state !== 'queued');
  if (!isActive(state) || active.length === 0) return state;
  const work = active.length === 1 ? active[0]!.record.name : l10n.t('{0} runs', active.length);
  const fraction = meanFraction(active);
  return fraction === null ? `${state} · ${work}` : `${state} · ${work} · ${formatFraction(fraction)}`;
}

/** Mean progress of the runs that know theirs; null where none does. */
export function meanFraction(runs: readonly RunNode[]): number | null {
  const known = runs.flatMap(({ progress }) => (progress ? [progress.fraction] : []));
  return known.length === 0 ? null : known.reduce((sum, fraction) => sum + fraction, 0) / known.length;
}

/** Everything that `run.json` says of a run, as Markdown for the tooltip. */
export function runTooltip({ record, progress, directory }: RunNode): string {
  const rows: [string, string | null][] = [
    [l10n.t('state'), record.state],
    [l10n.t('progress'), progress && formatFraction(progress.fraction)],
    [l10n.t('maximises'), record.job && 'objective' in record.job ? `\`${record.job.objective}\`` : null],
    [l10n.t('backend'), engineText(record)],
    [l10n.t('started'), formatTime(record.startedAt)],
    [l10n.t('ended'), formatTime(record.endedAt)],
    [l10n.t('process'), record.pid === null ? null : l10n.t('{0} on {1}', record.pid, record.host)],
    [l10n.t('exit'), record.signal ?? (record.exitCode === null ? null : String(record.exitCode))],
  ];
  const facts = rows.filter(([, value]) => value).map(([label, value]) => `- ${label}: ${value}`);
  const error = record.error ? `\n\n$(error) ${escapeMarkdown(record.error.message)}` : '';
  return `**${escapeMarkdown(record.name)}** (${record.kind})\n\n${facts.join('\n')}${error}\n\n\`${directory}\``;
}

/** A moment in the reader's own time and notation; as it stands where it is no time. */
function formatTime(time: string | null): string | null {
  const moment = new Date(time ?? NaN);
  return Number.isNaN(moment.getTime()) ? time : moment.toLocaleString();
}

/** Text as it is, where Markdown would read marks. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+!|<>~$]/g, '\\$&');
}
