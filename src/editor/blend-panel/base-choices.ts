import path from 'node:path';
import type { BaseChoice } from '../../protocol/blend-panel';
import type { FoundCheckpoint } from '../checkpoint-tree/checkpoint-index';
import type { CheckpointSummary } from '../checkpoint-tree/checkpoint-summary';
import { comparisonCandidates, type ComparisonCandidate } from '../inspector/comparison-candidates';

const mostListed = 50;

/**
 * What the list of bases offers: the chosen checkpoints first, unless they are adapters, which are the base of nothing; then
 * those of the workspace that fit.
 */
export function listedBases(chosen: readonly CheckpointSummary[], found: readonly FoundCheckpoint[]): BaseChoice[] {
  const fitting = otherBases(chosen, found).filter(({ summary }) => isFitting(chosen[0]!, summary));
  return [...chosen.filter(({ storage }) => storage !== 'adapter'), ...fitting.slice(0, mostListed).map(({ summary }) => summary)].map(({ path: at }) => baseChoice(at));
}

/**
 * Every whole model of the workspace but the chosen ones: those that fit first, among them bases before others, then as
 * comparisons are offered. Of an adapter's base no shapes tell how well it fits.
 */
export function otherBases(chosen: readonly CheckpointSummary[], found: readonly FoundCheckpoint[]): ComparisonCandidate[] {
  const first = chosen[0]!;
  const paths = new Set(chosen.map(({ path: at }) => at));
  const others = found.flatMap((entry) => ('type' in entry || entry.storage === 'adapter' || paths.has(entry.path) ? [] : [entry]));
  const rank = ({ role, fingerprint }: CheckpointSummary): number => (isFitting(first, { fingerprint }) ? (role === 'base' ? 0 : 1) : 2);
  const candidates = comparisonCandidates(first, others).map((candidate) => (first.storage === 'adapter' ? { ...candidate, reason: '' } : candidate));
  return candidates.sort((a, b) => rank(a.summary) - rank(b.summary));
}

function isFitting(chosen: CheckpointSummary, { fingerprint }: Pick<CheckpointSummary, 'fingerprint'>): boolean {
  return chosen.storage === 'adapter' || fingerprint === chosen.fingerprint;
}

export function baseChoice(at: string): BaseChoice {
  return { path: at, label: at.split(path.sep).slice(-3).join('/') };
}
