import * as l10n from '@vscode/l10n';
import type { MeasuredMean } from '../../src/analysis/measured-mean';
import { counts } from './counts';
import { formatConfidence, formatNumber } from './format';

/** A mean with its interval where it has one: `2.500 (2.310 to 2.690)`. */
export function measuredText({ mean, ci }: MeasuredMean): string {
  return ci === null ? formatNumber(mean) : l10n.t('{0} ({1} to {2})', formatNumber(mean), formatNumber(ci[0]), formatNumber(ci[1]));
}

/** What such means rest on: how many samples, and which intervals; nothing where there are none. */
export function measuredBasis(means: readonly MeasuredMean[], alpha?: number): string {
  const [count] = new Set(means.map(({ n }) => n));
  if (count === undefined) return '';
  const samples = count !== null && means.every(({ n }) => n === count) ? counts.samples(count) : null;
  if (means.some(({ ci }) => ci !== null)) {
    const confidence = formatConfidence(alpha);
    return samples === null ? l10n.t('Values are means, with their {0} intervals.', confidence) : l10n.t('Values are means over {0} each, with their {1} intervals.', samples, confidence);
  }
  return samples === null ? l10n.t('Values are means; the results hold no samples or standard errors for intervals.') : l10n.t('Values are means over {0} each; the results hold no spread for intervals.', samples);
}
