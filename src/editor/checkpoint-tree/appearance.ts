import path from 'node:path';
import { escapeMarkdown } from '../run-tree/appearance';
import type { CheckpointSummary } from './checkpoint-summary';
import { formatCount, shortHash } from './groups';

const icons: Readonly<Record<string, string>> = { base: 'home', expert: 'mortar-board', morl: 'git-merge', soup: 'beaker' };

/** A product icon of the editor for each kind of checkpoint. */
export function checkpointIcon({ role, storage }: CheckpointSummary): string {
  if (role !== null && role in icons) return icons[role]!;
  return { file: 'file-binary', directory: 'package', sharded: 'layers', adapter: 'extensions' }[storage];
}

/**
 * The grey text behind a checkpoint's name: what it scores, kind, type and size (`risky 3.42 · expert · F32 · 92 kB`), the
 * score first because a narrow side bar cuts the rest off. An expert shows the score of the reward that it is named after,
 * everything else shows up to three.
 */
export function checkpointDescription(summary: CheckpointSummary): string {
  const kind = summary.role ?? (summary.storage === 'file' ? null : summary.storage);
  return [summary.weights && weightsText(summary.weights), ...scoresShown(summary), kind, summary.dtypes.join('/'), formatBytes(summary.sizeBytes)].filter((part) => part !== null && part !== '').join(' · ');
}

/** What is known of a checkpoint, as Markdown for the tooltip. */
export function checkpointTooltip(summary: CheckpointSummary): string {
  const facts: [string, string | null][] = [
    ['λ', summary.weights && weightsText(summary.weights)],
    ['maximises', summary.objective && `\`${summary.objective}\``],
    ...Object.entries(summary.scores).map(([reward, value]): [string, string] => [`score of ${escapeMarkdown(reward)}`, formatScore(value)]),
    ['trained', summary.step === null ? null : `${summary.step.toLocaleString('en')} steps`],
    ['size', `${formatCount(summary.parameters)} parameters in ${summary.tensors} tensors, ${summary.dtypes.join(', ')}, ${formatBytes(summary.sizeBytes)}`],
    ['base', summary.baseHash === null ? null : `\`${shortHash(summary.baseHash)}\``],
  ];
  const list = facts.filter(([, value]) => value).map(([label, value]) => `- ${label}: ${value}`);
  return `**${escapeMarkdown(summary.name)}**${summary.role ? ` (${summary.role})` : ''}\n\n${list.join('\n')}\n\n\`${summary.path}\``;
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

function weightsText(weights: Readonly<Record<string, number>>): string {
  return Object.entries(weights).map(([name, weight]) => `${Number(weight.toFixed(4))} ${name}`).join(' + ');
}

function scoresShown({ role, name, scores }: CheckpointSummary): string[] {
  const own = role === 'expert' && name in scores ? [name] : Object.keys(scores).slice(0, 3);
  return own.map((reward) => `${reward} ${formatScore(scores[reward]!)}`);
}

function formatScore(value: number): string {
  return Math.abs(value) >= 1000 || (value !== 0 && Math.abs(value) < 0.01) ? value.toExponential(2) : value.toFixed(2);
}
