import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import * as l10n from '@vscode/l10n';
import { SoupError } from '../../errors';
import { resultsPath } from '../../runs/run-directory';
import type { ExperimentTarget } from '../commands/experiment-target';
import { isExperimentFile } from '../experiment-language/experiment-file';
import type { LanguageWorker } from '../yaml-language/worker/work';

/** What a panel was opened on, resolved to the files that it reads. */
export interface PanelSource {
  /** experiment file, `runs/<name>` directory or results file */
  readonly path: string;
  /** for the panel's title */
  readonly name: string;
  /** `runs/<name>`; null for results that were made elsewhere */
  readonly experimentDirectory: string | null;
  /** the results.jsonl or .csv; it need not exist yet */
  readonly results: string;
  readonly settings: AnalysisSettings;
}

/** The part of an experiment that the analysis of its results depends on. */
export interface AnalysisSettings {
  readonly rewards: readonly string[];
  readonly seed: number;
  readonly check: { readonly alpha: number; readonly tolerance: number; readonly resamples: number };
  readonly reference: 'nadir' | 'init' | Readonly<Record<string, number>>;
}

const defaults: AnalysisSettings = { rewards: [], seed: 0, check: { alpha: 0.05, tolerance: 0, resamples: 2000 }, reference: 'nadir' };

/**
 * Resolves an experiment file, a `runs/<name>` directory, also one to which an experiment file beside it will write, or a
 * results file.
 * @param linguist parses experiment files
 * @throws SoupError when it is none of these, or the experiment file is wrong
 */
export async function resolveSource(source: string, linguist: LanguageWorker): Promise<PanelSource> {
  const ofFile = (experimentFile: string) => ofExperimentFile({ experimentFile, variant: null }, experimentFile, linguist);
  if (isExperimentFile(source)) return ofFile(source);
  const entry = await stat(source).catch(() => null);
  if (entry?.isDirectory()) return ofDirectory(source);
  const planned = entry ? null : await linguist.run({ kind: 'experiment-file' as const, directory: source });
  if (planned) return ofExperimentFile(planned, source, linguist); // its runs are to come
  if (!entry) throw new SoupError('NoPanelSourceError', l10n.t('{0} is not there any more: open the panel again from the Runs view.', source));
  if (/\.ya?ml$/.test(source)) return ofFile(source);
  const directory = runsOfResults(source);
  if (directory !== null) return ofDirectory(directory);
  return { path: source, name: path.basename(source).replace(/\.(csv|jsonl)$/, ''), experimentDirectory: null, results: source, settings: defaults };
}

/** The `runs/<name>` directory whose sweep writes a results file; null for any other file. */
export function runsOfResults(file: string): string | null {
  const sweep = path.dirname(file);
  return path.basename(file) === 'results.jsonl' && path.basename(sweep) === 'sweep' ? path.dirname(sweep) : null;
}

async function ofExperimentFile(target: ExperimentTarget, source: string, linguist: LanguageWorker): Promise<PanelSource> {
  const experiment = await linguist.run({ kind: 'experiment' as const, target, isToStart: false });
  const directory = path.join(path.dirname(target.experimentFile), 'runs', experiment.name);
  return { path: source, name: experiment.name, experimentDirectory: directory, results: resultsPath(directory), settings: settingsOf(experiment) };
}

async function ofDirectory(directory: string): Promise<PanelSource> {
  const text = await readFile(path.join(directory, 'experiment.resolved.json'), 'utf8').catch(() => null);
  return { path: directory, name: path.basename(directory), experimentDirectory: directory, results: resultsPath(directory), settings: text === null ? defaults : settingsOf(parseResolved(text)) };
}

interface ResolvedExperiment {
  readonly rewards?: Readonly<Record<string, string>>;
  readonly seed?: number;
  readonly check?: Partial<AnalysisSettings['check']>;
  readonly front?: { readonly reference?: AnalysisSettings['reference'] };
}

/** The experiment inside `experiment.resolved.json`; other writers may leave keys out, and an unreadable file has none. */
function parseResolved(text: string): ResolvedExperiment {
  try {
    const value = JSON.parse(text) as ResolvedExperiment & { readonly experiment?: ResolvedExperiment };
    return value.experiment ?? value;
  } catch {
    return {};
  }
}

function settingsOf({ rewards, seed, check, front }: ResolvedExperiment): AnalysisSettings {
  return {
    rewards: Object.keys(rewards ?? {}),
    seed: seed ?? defaults.seed,
    check: { ...defaults.check, ...check },
    reference: front?.reference ?? defaults.reference,
  };
}
