import * as l10n from '@vscode/l10n';

const digits = (count: number): string => count.toLocaleString('en');

/** `1 tensor`, `12,000 tensors`: one function a noun, because languages form plurals in their own ways. */
export const counts = {
  cells: (count: number) => (count === 1 ? l10n.t('1 cell') : l10n.t('{0} cells', digits(count))),
  evaluations: (count: number) => (count === 1 ? l10n.t('1 evaluation') : l10n.t('{0} evaluations', digits(count))),
  pairedSamples: (count: number) => (count === 1 ? l10n.t('1 paired sample') : l10n.t('{0} paired samples', digits(count))),
  parameters: (count: number) => (count === 1 ? l10n.t('1 parameter') : l10n.t('{0} parameters', digits(count))),
  points: (count: number) => (count === 1 ? l10n.t('1 point') : l10n.t('{0} points', digits(count))),
  samples: (count: number) => (count === 1 ? l10n.t('1 sample') : l10n.t('{0} samples', digits(count))),
  seeds: (count: number) => (count === 1 ? l10n.t('1 seed') : l10n.t('{0} seeds', digits(count))),
  soups: (count: number) => (count === 1 ? l10n.t('1 soup') : l10n.t('{0} soups', digits(count))),
  tensors: (count: number) => (count === 1 ? l10n.t('1 tensor') : l10n.t('{0} tensors', digits(count))),
};
