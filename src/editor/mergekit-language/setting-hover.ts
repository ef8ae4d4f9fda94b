import * as l10n from '@vscode/l10n';
import type { SettingUse } from '../../merge/mergekit/resolve';

const shownTensors = 12;

/** Of what gets its value from a place of a configuration: how much there is, and the first of it. */
export interface SettingSummary {
  /** null where nothing does */
  readonly parameter: string | null;
  readonly tensors: number;
  readonly models: readonly string[];
  readonly shown: readonly Pick<SettingUse, 'tensor' | 'value'>[];
  readonly more: number;
}

export function summaryOfUses(uses: readonly SettingUse[]): SettingSummary {
  return {
    parameter: uses[0]?.parameter ?? null,
    tensors: new Set(uses.map(({ tensor }) => tensor)).size,
    models: [...new Set(uses.flatMap(({ model }) => model ?? []))],
    shown: uses.slice(0, shownTensors).map(({ tensor, value }) => ({ tensor, value })),
    more: Math.max(0, uses.length - shownTensors),
  };
}

/**
 * Which tensors get their value from a place of a configuration, as Markdown: one row a tensor, in their order. A gradient
 * gives each layer its own.
 */
export function settingHover({ parameter, tensors, models, shown, more }: SettingSummary): string {
  if (parameter === null) return l10n.t('No tensor gets its value from here: another setting comes first, or the filter is part of no name.');
  const head = l10n.t('{0} of {1}', `\`${parameter}\``, count(tensors)) + modelsText(models);
  const rows = shown.map(({ tensor, value }) => `| \`${tensor}\` | ${text(value)} |`);
  const rest = more > 0 ? `\n\n${l10n.t('… and {0} more', more)}` : '';
  return `${head}\n\n| ${l10n.t('tensor')} | ${l10n.t('value')} |\n|---|---|\n${rows.join('\n')}${rest}`;
}

function modelsText(models: readonly string[]): string {
  return models.length === 0 ? '' : ` in ${models.map((model) => `\`${model}\``).join(', ')}`;
}

const count = (tensors: number): string => (tensors === 1 ? l10n.t('1 tensor') : l10n.t('{0} tensors', tensors));
const text = (value: SettingUse['value']): string => (typeof value === 'number' ? String(Number(value.toPrecision(6))) : String(value));
