import * as l10n from '@vscode/l10n';
/** Tensors whose name or type holds every word of the filter. */
export function matching<T extends { readonly name: string; readonly dtype: string }>(tensors: readonly T[], filter: string): readonly T[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return words.length === 0 ? tensors : tensors.filter(({ name, dtype }) => words.every((word) => `${name} ${dtype}`.toLowerCase().includes(word)));
}

/** `[64, 17]` as `64 × 17`. */
export function shapeText(shape: readonly number[]): string {
  return shape.length === 0 ? l10n.t('scalar') : shape.join(' × ');
}
