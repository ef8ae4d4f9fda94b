import path from 'node:path';
import * as l10n from '@vscode/l10n';
import { uniformLambda } from '../../analysis/linked-weights';
import type { BlendDraft } from '../../merge/blend-draft';
import { resolveWeights } from '../../merge/weights';
import type { BlendExperiment, BlendSetup } from '../../protocol/blend-panel';
import { resultsPath } from '../../runs/run-directory';
import { checkpointDescription } from '../checkpoint-tree/appearance';
import type { CheckpointIndex } from '../checkpoint-tree/checkpoint-index';
import type { CheckpointSummary } from '../checkpoint-tree/checkpoint-summary';
import { experimentOfPath } from '../checkpoint-tree/groups';
import { soupFolder } from '../commands/soup-request';
import { listedBases } from './base-choices';
import { methodForms } from './method-forms';
import type { CheckpointHeader, Reader } from '../reader/work';
import type { LanguageWorker } from '../yaml-language/worker/work';

interface Threads {
  readonly reader: Reader;
  readonly linguist: LanguageWorker;
}

export interface OpenedSetup {
  readonly setup: BlendSetup;
  readonly draft: BlendDraft;
  readonly headers: readonly CheckpointHeader[];
  readonly summaries: readonly CheckpointSummary[];
  readonly folder: string;
}

/**
 * What a blend of these checkpoints can be made of.
 * @param weights by expert name; uniform where null
 * @param index of the workspace: for bases
 * @param threads the reader of headers and results, and what parses experiment files
 * @throws what opening a checkpoint throws, InvalidWeightsError
 */
export async function blendSetup(paths: readonly string[], weights: Readonly<Record<string, number>> | null, index: Pick<CheckpointIndex, 'checkpoints'>, threads: Threads, { shownFolder, isTrusted }: { readonly shownFolder: (folder: string) => string; readonly isTrusted: boolean }): Promise<OpenedSetup> {
  const headers = await threads.reader.run({ kind: 'headers', checkpoints: paths });
  const summaries = headers.map(({ summary }) => summary);
  const names = headers.map(({ name }) => name);
  const folder = soupFolder(paths);
  const setup: BlendSetup = {
    inputs: headers.map(({ origin }, at) => ({ path: paths[at]!, name: names[at]!, description: checkpointDescription(summaries[at]!), isAdapter: origin.kind === 'adapter' })),
    methods: methodForms(),
    bases: listedBases(summaries, index.checkpoints),
    folder: shownFolder(folder),
    whyReadOnly: isTrusted ? null : l10n.t('This folder is not trusted: the preflight only reads, and nothing is written or run until you trust it (Manage Workspace Trust).'),
    experiment: await experimentOf(paths, names, threads),
  };
  const lambda = weights ? resolveWeights(weights, names, { extrapolate: true }) : uniformLambda(names.length);
  return { setup, headers, summaries, folder, draft: { inputs: paths, method: 'linear', weights: lambda, curves: null, extrapolate: false, parameters: {}, base: null, fishers: [], dtype: null, seed: 0, space: 'factor', rank: null, mergeIntoBase: false } };
}

/** The experiment whose run has trained all of the inputs, with what its sweep has measured; null where there is none. */
async function experimentOf(paths: readonly string[], names: readonly string[], { reader, linguist }: Threads): Promise<BlendExperiment | null> {
  const experiments = new Set(paths.map(experimentOfPath));
  const [directory] = experiments;
  if (experiments.size !== 1 || !directory) return null;
  const points = await reader.run({ kind: 'means', results: resultsPath(directory) }).catch(() => []); // a sweep that has just begun
  const swept = points.flatMap(({ kind, weights, rewards }) => (weights === null || (kind !== 'soup' && kind !== 'expert') || Object.keys(weights).some((name) => !names.includes(name) && weights[name] !== 0)
    ? [] : [{ weights: names.map((name) => weights[name] ?? 0), rewards }]));
  const areExperts = paths.every((at) => path.basename(path.dirname(at)) === 'experts');
  const hasFile = (await linguist.run({ kind: 'experiment-file' as const, directory })) !== null;
  return {
    name: path.basename(directory),
    rewards: Object.keys(points[0]?.rewards ?? {}),
    points: swept,
    whyNoSweep: !areExperts ? l10n.t('Only the experts of the run are part of its sweep.') : points.length === 0 ? l10n.t('The experiment has no finished sweep yet.') : hasFile ? null : l10n.t('Its experiment file is not beside runs/ any more.'),
  };
}
