import path from 'node:path';
import { experimentName } from '../run-tree/run-model';
import type { CheckpointSummary } from './checkpoint-summary';

/** A safetensors file or directory of the workspace that could not be read, and why. */
export interface BrokenCheckpoint {
  readonly type: 'broken';
  readonly path: string;
  readonly message: string;
}

export interface CheckpointNode {
  readonly type: 'checkpoint';
  readonly summary: CheckpointSummary;
  /** key of its group */
  readonly group: string;
}

/** Checkpoints that go back to one shared initialisation, or, where nothing says so, that have the same tensors. */
export interface CheckpointGroup {
  readonly type: 'group';
  readonly key: string;
  readonly label: string;
  readonly description: string;
  readonly baseHash: string | null;
  readonly checkpoints: readonly CheckpointNode[];
}

export type CheckpointTreeNode = CheckpointGroup | CheckpointNode | BrokenCheckpoint;

/**
 * Groups checkpoints by shared base: by the base's hash where the checkpoint names it, else by the fingerprint of its
 * tensors. A base has no base of its own, so it joins the group that its own run directory's experts form.
 */
export function groupByBase(summaries: readonly CheckpointSummary[]): CheckpointGroup[] {
  const hashOfExperiment = new Map<string, string>();
  for (const { path: at, baseHash } of summaries) {
    const experiment = experimentOfPath(at);
    if (baseHash !== null && experiment !== null) hashOfExperiment.set(experiment, baseHash);
  }
  const groups = new Map<string, { baseHash: string | null; summaries: CheckpointSummary[] }>();
  for (const summary of summaries) {
    const adopted = summary.role === 'base' ? hashOfExperiment.get(experimentOfPath(summary.path) ?? '') : undefined;
    const baseHash = summary.baseHash ?? adopted ?? null;
    const key = baseHash === null ? `tensors:${summary.fingerprint}` : `base:${baseHash}`;
    const group = groups.get(key) ?? { baseHash, summaries: [] };
    group.summaries.push(summary);
    groups.set(key, group);
  }
  return [...groups].map(([key, group]) => describeGroup(key, group.baseHash, group.summaries)).sort(byKnownBase);
}

/** The `runs/<name>` directory, or the cell of a study, that a base, an expert, a MORL run or a soup lies in; null elsewhere. */
export function experimentOfPath(checkpoint: string): string | null {
  const parent = path.dirname(checkpoint);
  const isCollected = ['bases', 'experts', 'morl', 'soups'].includes(path.basename(parent));
  const experiment = isCollected ? path.dirname(parent) : path.basename(checkpoint) === 'base' ? parent : null;
  return experiment !== null && ['runs', 'study'].includes(path.basename(path.dirname(experiment))) ? experiment : null;
}

function describeGroup(key: string, baseHash: string | null, summaries: readonly CheckpointSummary[]): CheckpointGroup {
  const experiments = [...new Set(summaries.flatMap(({ path: at }) => experimentOfPath(at) ?? []))].map(experimentName).sort(byName);
  const first = summaries[0]!;
  const label = experiments.length > 0 ? `${experiments.slice(0, 2).join(', ')}${experiments.length > 2 ? ` and ${experiments.length - 2} more` : ''}` : baseHash !== null ? `base ${shortHash(baseHash)}` : `${formatCount(first.parameters)} parameters`;
  const isBase = summaries.some(({ role }) => role === 'base');
  const origin = baseHash !== null ? `base ${shortHash(baseHash)}` : isBase ? label : 'base not recorded';
  return {
    type: 'group',
    key,
    label,
    description: label === origin ? countOf(summaries.length) : `${origin} · ${countOf(summaries.length)}`,
    baseHash,
    checkpoints: [...summaries].sort(byRole).map((summary) => ({ type: 'checkpoint', summary, group: key })),
  };
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

const countOf = (count: number): string => `${count} checkpoint${count === 1 ? '' : 's'}`;
const byKnownBase = (a: CheckpointGroup, b: CheckpointGroup): number => Number(a.baseHash === null) - Number(b.baseHash === null) || byName(a.label, b.label) || byName(a.key, b.key);
const roles = ['base', 'expert', 'morl', 'soup'];
const rank = ({ role }: CheckpointSummary): number => (role !== null && roles.includes(role) ? roles.indexOf(role) : roles.length);
const byName = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });
const byRole = (a: CheckpointSummary, b: CheckpointSummary): number => rank(a) - rank(b) || byName(path.basename(a.path), path.basename(b.path)) || byName(a.path, b.path);
