import path from 'node:path';
import * as l10n from '@vscode/l10n';
import { weightsText } from '../../analysis/simplex';
import { escapeMarkdown } from '../run-tree/appearance';
import type { CheckpointSummary } from './checkpoint-summary';
import { formatCount, shortHash, type BrokenCheckpoint } from './groups';

const icons: Readonly<Record<string, string>> = { base: 'home', expert: 'mortar-board', morl: 'git-merge', soup: 'beaker' };

/** A product icon of the editor for each kind of checkpoint. */
export function checkpointIcon({ role, storage }: CheckpointSummary): string {
  if (role !== null && role in icons) return icons[role]!;
  return { file: 'file-binary', directory: 'package', sharded: 'layers', adapter: 'extensions' }[storage];
}

/**
 * The grey text behind a checkpoint's name: λ of a soup, parameters, type, PyTorch's format, rank of an adapter, and what it scores
 * (`1.2 B · bf16 · LoRA r16 · reward risky 812 ± 9`; kind and the rest are in icon and hover). An expert shows the score
 * of the reward that it is named after, everything else shows up to three.
 */
export function checkpointDescription(summary: CheckpointSummary): string {
  const scores = scoresShown(summary).join(', ');
  const adapter = summary.storage === 'adapter' ? (summary.rank === null ? l10n.t('adapter') : l10n.t('LoRA r{0}', summary.rank)) : null;
  return [summary.weights && weightsText(summary.weights), formatCount(summary.parameters), summary.dtypes.join('/').toLowerCase(), summary.format === 'PyTorch' && summary.format, adapter, scores && l10n.t('reward {0}', scores)].filter(Boolean).join(' · ');
}

/**
 * What is known of a checkpoint, as Markdown for the tooltip.
 * @param strange why it does not seem to belong to its group; null where it does
 * @param where its path as the user knows it
 */
export function checkpointTooltip(summary: CheckpointSummary, strange: string | null, where = summary.path): string {
  const facts: [string, string | null][] = [
    ['λ', summary.weights && weightsText(summary.weights)],
    ['maximises', summary.objective && `\`${summary.objective}\``],
    ...Object.entries(summary.scores).map(([reward, value]): [string, string] => [l10n.t('reward {0}', escapeMarkdown(reward)), scoreText(value, summary.errors[reward])]),
    [summary.storage === 'adapter' ? l10n.t('adapter of') : l10n.t('model'), summary.family && escapeMarkdown(summary.family)],
    [l10n.t('adapter'), summary.storage !== 'adapter' ? null : summary.rank === null ? l10n.t('yes') : l10n.t('LoRA of rank {0}', summary.rank)],
    [l10n.t('stored as'), [{ file: l10n.t('one file'), directory: l10n.t('a directory'), sharded: l10n.t('shards'), adapter: null }[summary.storage], summary.format].filter(Boolean).join(', ')],
    [l10n.t('trained'), summary.step === null ? null : l10n.t('{0} steps', summary.step.toLocaleString('en'))],
    [l10n.t('size'), l10n.t('{0} parameters in {1} tensors, {2}, {3}', formatCount(summary.parameters), summary.tensors, summary.dtypes.join(', '), formatBytes(summary.sizeBytes))],
    [l10n.t('written'), summary.modifiedMs === 0 ? null : new Date(summary.modifiedMs).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' })],
    ['base', summary.baseHash === null ? null : `\`${shortHash(summary.baseHash)}\``],
  ];
  const list = facts.filter(([, value]) => value).map(([label, value]) => `- ${label}: ${value}`);
  const doubt = strange === null ? '' : `$(warning) *different base?* ${escapeMarkdown(strange)}\n\n`;
  return `**${escapeMarkdown(summary.name)}**${summary.role ? ` (${summary.role})` : ''}\n\n${doubt}${list.join('\n')}\n\n\`${where}\``;
}

/**
 * Why a checkpoint has not been read, as Markdown for the tooltip: what went wrong names the path in most cases.
 * @param where its path as the user knows it
 */
export function unreadTooltip({ message, unreadBytes }: Pick<BrokenCheckpoint, 'message' | 'unreadBytes'>, where: string): string {
  return `${unreadBytes === null ? '$(warning) ' : ''}${escapeMarkdown(message)}${message.includes(where) ? '' : `\n\n\`${where}\``}`;
}

/** `92 kB`, `13.5 GB`, in powers of a thousand and three digits at most. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${units[power]}`;
}

/** Labels of siblings: a file's or directory's name, with its folder where two are named alike. */
export function distinctLabels(paths: readonly string[]): Map<string, string> {
  const names = paths.map((at) => path.basename(at));
  return new Map(paths.map((at, index) => [at, names.filter((name) => name === names[index]).length > 1 ? `${path.basename(path.dirname(at))}/${names[index]}` : names[index]!]));
}

function scoresShown({ role, name, scores, errors }: CheckpointSummary): string[] {
  const own = role === 'expert' && name in scores ? [name] : Object.keys(scores).slice(0, 3);
  return own.map((reward) => `${reward} ${scoreText(scores[reward]!, errors[reward])}`);
}

/** A mean, with its standard error rounded to one digit (two after a leading 1) where it is known: `812 ± 9`, `3.42 ± 0.03`. */
export function scoreText(mean: number, stderr: number | null | undefined): string {
  return scoreDigits(mean, stderr).replaceAll('-', '−'); // the sign of charts and panels
}

function scoreDigits(mean: number, stderr: number | null | undefined): string {
  if (!stderr || !(stderr > 0) || !Number.isFinite(stderr)) return Math.abs(mean) >= 1000 || (mean !== 0 && Math.abs(mean) < 0.01) ? mean.toExponential(2) : mean.toFixed(2);
  const power = Math.floor(Math.log10(stderr));
  const digits = Math.max(0, Math.min(20, (stderr / 10 ** power < 1.95 ? 1 : 0) - power));
  return `${mean.toFixed(digits)} ± ${stderr.toFixed(digits)}`;
}
