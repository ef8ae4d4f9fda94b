import { existsSync } from 'node:fs';
import path from 'node:path';
import * as l10n from '@vscode/l10n';
import type { Checkpoint } from '../../checkpoint/checkpoint';
import type { CheckpointSummary } from '../checkpoint-tree/checkpoint-summary';
import { experimentOfPath, shortHash } from '../checkpoint-tree/groups';

/** What is compared with what: an adapter stands applied to its base. */
export interface BaseFound {
  readonly checkpoint: string;
  readonly base: string;
}

/**
 * The base that a checkpoint was trained from, or why it cannot be told.
 * @param bases checkpoints of the workspace that are bases
 * @param sha256 of a checkpoint's weights
 */
export async function findBase(checkpoint: Pick<Checkpoint, 'kind' | 'config' | 'files' | 'path'>, summary: CheckpointSummary, bases: readonly CheckpointSummary[], sha256: (checkpoint: string) => Promise<string>): Promise<BaseFound | { readonly error: string }> {
  if (checkpoint.kind === 'adapter') return baseOfAdapter(checkpoint);
  if (summary.role === 'base') return { error: l10n.t('This is a base itself: experts are measured from it.') };
  const candidates = basesFor(summary, bases);
  if (candidates.length === 0) return { error: l10n.t('No base of this checkpoint is in the workspace.') };
  for (const { path: base } of candidates) {
    if (summary.baseHash === null || (await sha256(base)) === summary.baseHash) return { checkpoint: summary.path, base };
  }
  return { error: l10n.t('Its base {0} is not in the workspace; {1} has changed since.', shortHash(summary.baseHash!), candidates[0]!.path) };
}

function baseOfAdapter({ config, files, path: at }: Pick<Checkpoint, 'config' | 'files' | 'path'>): BaseFound | { readonly error: string } {
  const name = config?.base_model_name_or_path;
  if (typeof name !== 'string' || name === '') return { error: l10n.t('adapter_config.json names no base.') };
  const directory = path.dirname(files[0]!);
  const base = [path.resolve(directory, name), path.resolve(name)].find((candidate) => existsSync(candidate));
  return base === undefined ? { error: l10n.t('Its base {0} is not on this disk.', name) } : { checkpoint: `${base}+${at}`, base };
}

/** Bases with the same tensors: that of the same experiment first; others only where a hash can tell. */
function basesFor(summary: CheckpointSummary, bases: readonly CheckpointSummary[]): CheckpointSummary[] {
  const experiment = experimentOfPath(summary.path);
  const fitting = bases.filter(({ role, fingerprint }) => role === 'base' && fingerprint === summary.fingerprint);
  const own = fitting.filter((base) => experiment !== null && experimentOfPath(base.path) === experiment);
  return summary.baseHash === null ? own : [...own, ...fitting.filter((base) => !own.includes(base))];
}
