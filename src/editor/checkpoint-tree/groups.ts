import path from 'node:path';
import * as l10n from '@vscode/l10n';
import { byName } from '../by-name';
import { experimentName } from '../run-tree/run-model';
import type { CheckpointSummary } from './checkpoint-summary';
import { strangers } from './weight-sample';

/** A weight file or directory of the workspace that could not be read, and why. */
export interface BrokenCheckpoint {
  readonly type: 'broken';
  readonly path: string;
  readonly message: string;
  /** of one that would have to be fetched as a whole and is too large for that unasked; null where something is wrong */
  readonly unreadBytes: number | null;
}

export interface CheckpointNode {
  readonly type: 'checkpoint';
  readonly summary: CheckpointSummary;
  /** key of its group */
  readonly group: string;
  /** why it does not seem to belong to its group; null where it does */
  readonly strange: string | null;
}

/** Checkpoints that go back to one shared initialisation, or, where nothing says so, of one architecture. */
export interface CheckpointGroup {
  readonly type: 'group';
  readonly key: string;
  readonly label: string;
  /** which base its members share, as far as that is known; null where the label says it */
  readonly origin: string | null;
  readonly description: string;
  /** what its members have in common, in a sentence */
  readonly bond: string;
  readonly baseHash: string | null;
  readonly checkpoints: readonly CheckpointNode[];
}

/** members that are sorted without a place to wait at */
const sortedAtOnce = 512;

export type SortOrder = 'kind' | 'newest' | 'largest' | 'reward';

/**
 * Groups checkpoints by shared base: by the base's hash where the checkpoint names it, else by the fingerprint of its
 * tensors and what its config says of the architecture. A base has no base of its own, so it joins the group that its
 * own run directory's experts form; a file without a config joins the one architecture with its tensors. Adapters belong
 * together by the base that their configs name, whatever their ranks. Ten thousand take a while: see `inTurns`.
 */
export function* groupByBase(summaries: readonly CheckpointSummary[], order: SortOrder = 'kind'): Generator<void, CheckpointGroup[]> {
  const hashOfExperiment = new Map<string, string>();
  const architectures = new Map<string, Set<string>>();
  for (const { path: at, baseHash, fingerprint, architecture } of summaries) {
    yield;
    const experiment = experimentOfPath(at);
    if (baseHash !== null && experiment !== null) hashOfExperiment.set(experiment, baseHash);
    if (architecture !== null) architectures.set(fingerprint, (architectures.get(fingerprint) ?? new Set()).add(architecture));
  }
  const groups = new Map<string, { baseHash: string | null; summaries: CheckpointSummary[] }>();
  for (const summary of summaries) {
    yield;
    const { role, fingerprint, architecture } = summary;
    const adopted = role === 'base' ? hashOfExperiment.get(experimentOfPath(summary.path) ?? '') : undefined;
    const baseHash = summary.baseHash ?? adopted ?? null;
    const known = [...(architectures.get(fingerprint) ?? [])];
    const key = baseHash !== null ? `base:${baseHash}` : isAdapterOfNamedBase(summary) ? `adapters:${summary.family}` : `tensors:${fingerprint}:${architecture ?? (known.length === 1 ? known[0]! : '')}`;
    const group = groups.get(key) ?? { baseHash, summaries: [] };
    group.summaries.push(summary);
    groups.set(key, group);
  }
  const described: CheckpointGroup[] = [];
  for (const [key, group] of groups) described.push(yield* describeGroup(key, group.baseHash, group.summaries, order));
  return described.sort(byKnownBase);
}

/** The `runs/<name>` directory, or the cell of a study, that a base, an expert, a MORL run or a soup lies in; null elsewhere. */
export function experimentOfPath(checkpoint: string): string | null {
  const parent = path.dirname(checkpoint);
  const isCollected = ['bases', 'experts', 'morl', 'soups'].includes(path.basename(parent));
  const experiment = isCollected ? path.dirname(parent) : path.basename(checkpoint) === 'base' ? parent : null;
  return experiment !== null && ['runs', 'study'].includes(path.basename(path.dirname(experiment))) ? experiment : null;
}

function* describeGroup(key: string, baseHash: string | null, summaries: readonly CheckpointSummary[], order: SortOrder): Generator<void, CheckpointGroup> {
  const experiments = [...new Set(summaries.flatMap(({ path: at }) => experimentOfPath(at) ?? []))].map(experimentName).sort(byName);
  const [first] = summaries as readonly [CheckpointSummary];
  const family = summaries.find((summary) => summary.family !== null)?.family ?? null;
  const isOfAdapters = baseHash === null && isAdapterOfNamedBase(first);
  const label = experiments.length > 0 ? labelOfExperiments(experiments)
    : baseHash !== null ? baseText(baseHash)
    : isOfAdapters ? l10n.t('adapters of {0}', family!)
    : [family, l10n.t('{0} parameters', formatCount(first.parameters))].filter(Boolean).join(' · ');
  const isBase = summaries.some(({ role }) => role === 'base');
  const origin = baseHash !== null ? baseText(baseHash) : isBase ? label : isOfAdapters ? l10n.t('base named by their configs') : l10n.t('base not recorded');
  yield;
  const doubts = yield* strangeMembers(baseHash, summaries);
  const members: { readonly node: CheckpointNode; readonly key: string }[] = [];
  for (const [index, summary] of summaries.entries()) {
    yield;
    members.push({ node: { type: 'checkpoint', summary, group: key, strange: doubts[index]! }, key: sortKey(summary) });
  }
  return {
    type: 'group',
    key,
    label,
    origin: label === origin ? null : origin,
    description: descriptionOf(label === origin ? null : origin, countOf(summaries.length)),
    bond: baseHash !== null ? l10n.t('Fine-tuned from one base, SHA-256 {0}', baseHash)
      : isOfAdapters ? l10n.t('Adapters whose configs name the same base.')
      : l10n.t('Checkpoints with the same tensors and architecture; nothing says which base they share.'),
    baseHash,
    checkpoints: (yield* sorted(members, (a, b) => orders[order](a.node.summary, b.node.summary) || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))).map(({ node }) => node),
  };
}

/** The members of a group that a filter leaves, which changes nothing in what is doubted of them; null where it leaves none. */
export function* narrowed(group: CheckpointGroup, isShown: (summary: CheckpointSummary) => boolean): Generator<void, CheckpointGroup | null> {
  const checkpoints: CheckpointNode[] = [];
  for (const node of group.checkpoints) {
    yield;
    if (isShown(node.summary)) checkpoints.push(node);
  }
  if (checkpoints.length === 0) return null;
  if (checkpoints.length === group.checkpoints.length) return group;
  return { ...group, checkpoints, description: descriptionOf(group.origin, l10n.t('{0} of {1}', checkpoints.length, countOf(group.checkpoints.length))) };
}

/** For each member why its base may be another one than the group's; null where nothing speaks for it. */
function* strangeMembers(baseHash: string | null, summaries: readonly CheckpointSummary[]): Generator<void, (string | null)[]> {
  if (baseHash === null) {
    const strange = yield* strangers(summaries.map(({ sample }) => sample));
    return summaries.map((_, index) => (strange.has(index) ? l10n.t('A sample of its weights is unlike most others of this group, so a blend with them would mix unrelated weights.') : null));
  }
  // the base of adapters has tensors of its own
  const usual = new Map([true, false].map((isAdapter) => [isAdapter, mostFrequent(summaries.flatMap(({ storage, fingerprint }) => ((storage === 'adapter') === isAdapter ? [fingerprint] : [])))]));
  return summaries.map(({ storage, fingerprint }) => (fingerprint === usual.get(storage === 'adapter') ? null : l10n.t('It names the base of this group, yet its tensors have other names or shapes than most here.')));
}

/** Merge sort with places to wait at; equal items keep their order. */
function* sorted<T>(items: readonly T[], compare: (a: T, b: T) => number): Generator<void, T[]> {
  yield;
  if (items.length <= sortedAtOnce) return [...items].sort(compare);
  const middle = items.length >> 1;
  const [left, right] = [yield* sorted(items.slice(0, middle), compare), yield* sorted(items.slice(middle), compare)];
  const merged: T[] = [];
  for (let l = 0, r = 0; l < left.length || r < right.length; ) {
    if (merged.length % sortedAtOnce === 0) yield;
    merged.push(r === right.length || (l < left.length && compare(left[l]!, right[r]!) <= 0) ? left[l++]! : right[r++]!);
  }
  return merged;
}

function mostFrequent(values: readonly string[]): string | null {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce<[string | null, number]>((best, entry) => (entry[1] > best[1] ? entry : best), [null, 0])[0];
}

/** `1.4 M`, `7 B`: a count of parameters in three digits at most. */
export function formatCount(count: number): string {
  const scale = [1e9, 1e6, 1e3].find((size) => count >= size);
  if (!scale) return String(count);
  return `${Number((count / scale).toPrecision(3))} ${{ 1e9: 'B', 1e6: 'M', 1e3: 'k' }[scale]}`;
}

export function shortHash(hash: string): string {
  return hash.slice(0, 8);
}

const isAdapterOfNamedBase = ({ storage, family }: CheckpointSummary): boolean => storage === 'adapter' && family !== null;
const baseText = (hash: string): string => l10n.t('base {0}', shortHash(hash));
const labelOfExperiments = (names: readonly string[]): string => (names.length > 2 ? l10n.t('{0} and {1} more', names.slice(0, 2).join(', '), names.length - 2) : names.join(', '));
const descriptionOf = (origin: string | null, count: string): string => (origin === null ? count : `${origin} · ${count}`);
const countOf = (count: number): string => count === 1 ? l10n.t('1 checkpoint') : l10n.t('{0} checkpoints', count);
/** Groups with a recorded base by name; then models whose configs say what they are, and loose files, the largest first. */
const byKnownBase = (a: CheckpointGroup, b: CheckpointGroup): number => Number(a.baseHash === null) - Number(b.baseHash === null) || (a.baseHash !== null ? byName(a.label, b.label) : Number(isLoose(a)) - Number(isLoose(b)) || sizeOf(b) - sizeOf(a)) || byName(a.key, b.key);
const isLoose = ({ checkpoints }: CheckpointGroup): boolean => checkpoints.every(({ summary }) => summary.family === null);
const sizeOf = ({ checkpoints }: CheckpointGroup): number => checkpoints[0]!.summary.parameters;
const roles = ['base', 'expert', 'morl', 'soup'];
const rank = ({ role }: CheckpointSummary): number => (role !== null && roles.includes(role) ? roles.indexOf(role) : roles.length);
/** Names in the order of their numbers by plain comparison, which ten thousand of them need. */
const sortKeys = new WeakMap<CheckpointSummary, string>();
function sortKey(summary: CheckpointSummary): string {
  let key = sortKeys.get(summary);
  if (key === undefined) sortKeys.set(summary, (key = `${path.basename(summary.path)}\0${summary.path}`.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(12, '0'))));
  return key;
}
const bestScore = ({ scores }: CheckpointSummary): number => Math.max(-Infinity, ...Object.values(scores).slice(0, 1));
const compareNumbers = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1);

const orders: Readonly<Record<SortOrder, (a: CheckpointSummary, b: CheckpointSummary) => number>> = {
  kind: (a, b) => rank(a) - rank(b),
  newest: (a, b) => compareNumbers(b.modifiedMs, a.modifiedMs),
  largest: (a, b) => compareNumbers(b.sizeBytes, a.sizeBytes),
  reward: (a, b) => compareNumbers(bestScore(b), bestScore(a)),
};
