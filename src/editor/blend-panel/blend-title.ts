import * as l10n from '@vscode/l10n';

/** `Create Soup: risky + cautious` */
export function blendTitle(names: readonly string[]): string {
  return l10n.t('Create Soup: {0}', names.join(' + '));
}

/** Whether a title has the letters of the title of these checkpoints, in whatever order they were chosen. */
export function mayBeTitleOf(names: readonly string[], title: string): boolean {
  const letters = (text: string): string => [...text].sort().join('');
  return letters(title) === letters(blendTitle(names));
}
