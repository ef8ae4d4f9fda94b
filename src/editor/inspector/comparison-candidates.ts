import path from 'node:path';
import * as l10n from '@vscode/l10n';
import { byName } from '../by-name';
import { checkpointDescription } from '../checkpoint-tree/appearance';
import type { CheckpointSummary } from '../checkpoint-tree/checkpoint-summary';
import { experimentOfPath } from '../checkpoint-tree/groups';

/** A checkpoint to compare with, and how well it fits. */
export interface ComparisonCandidate {
  readonly summary: CheckpointSummary;
  readonly reason: string;
}

/**
 * The row of a list to choose a candidate from.
 * @param where its path as the user knows it
 */
export function candidateRow({ summary, reason }: ComparisonCandidate, where: string) {
  return { label: path.basename(summary.path), description: [reason, checkpointDescription(summary)].filter(Boolean).join(' · '), detail: where, path: summary.path };
}

/**
 * Checkpoints by how much a comparison with one of them says: those of the same base with the same tensors first, then the
 * same tensors, then the same base; among these its own run's, and then by name.
 * @param others without the checkpoint itself
 */
export function comparisonCandidates(checkpoint: CheckpointSummary, others: readonly CheckpointSummary[]): ComparisonCandidate[] {
  const baseOf = basesOf([checkpoint, ...others]);
  const [base, run] = [baseOf(checkpoint), experimentOfPath(checkpoint.path)];
  const ranked = others.map((summary) => {
    const itsBase = baseOf(summary);
    const isSameBase = base !== null && itsBase === base;
    const isOtherBase = base !== null && itsBase !== null && itsBase !== base;
    const isSameShape = summary.fingerprint === checkpoint.fingerprint;
    const isOwnRun = run !== null && experimentOfPath(summary.path) === run;
    const shape = isSameShape ? isSameBase ? l10n.t('same base and shapes') : isOtherBase ? l10n.t('same shapes, another base') : l10n.t('same shapes')
      : isSameBase ? l10n.t('same base, other shapes') : l10n.t('other shapes');
    return { summary, reason: isOwnRun ? l10n.t('{0}, same run', shape) : shape, rank: [!isSameShape, !isSameBase, !isOwnRun].map(Number), name: path.basename(summary.path) };
  });
  return ranked.sort((a, b) => compareRanks(a.rank, b.rank) || byName(a.name, b.name) || byName(a.summary.path, b.summary.path)).map(({ summary, reason }) => ({ summary, reason }));
}

/** What names a checkpoint's base: its hash, which a base has from the experts of its run; for an adapter, the name in its config. */
function basesOf(summaries: readonly CheckpointSummary[]): (summary: CheckpointSummary) => string | null {
  const ofRun = new Map(summaries.flatMap(({ path: at, baseHash }) => (baseHash === null ? [] : [[experimentOfPath(at), baseHash] as const])));
  return ({ path: at, baseHash, role, storage, family }) => {
    if (baseHash !== null) return baseHash;
    const run = experimentOfPath(at);
    if (role === 'base' && run !== null) return ofRun.get(run) ?? null;
    return storage === 'adapter' ? family : null;
  };
}

const compareRanks = (a: readonly number[], b: readonly number[]): number => a.map((value, index) => value - b[index]!).find((difference) => difference !== 0) ?? 0;
