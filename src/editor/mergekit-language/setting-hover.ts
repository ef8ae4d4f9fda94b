import * as l10n from '@vscode/l10n';
import type { SettingUse } from '../../merge/mergekit/resolve';

const shownTensors = 12;

/**
 * Which tensors get their value from a place of a configuration, as Markdown: one list a value, values in the order of the
 * tensors. A gradient gives each layer its own.
 */
export function settingHover(uses: readonly SettingUse[]): string {
  if (uses.length === 0) return l10n.t('No tensor gets its value from here: another setting comes first, or the filter is part of no name.');
  const [{ parameter }] = uses as [SettingUse];
  const head = l10n.t('{0} of {1}', `\`${parameter}\``, count(new Set(uses.map(({ tensor }) => tensor)).size)) + modelsText(uses);
  const rows = uses.slice(0, shownTensors).map(({ tensor, value }) => `| \`${tensor}\` | ${text(value)} |`);
  const more = uses.length > shownTensors ? `\n\n${l10n.t('… and {0} more', uses.length - shownTensors)}` : '';
  return `${head}\n\n| ${l10n.t('tensor')} | ${l10n.t('value')} |\n|---|---|\n${rows.join('\n')}${more}`;
}

function modelsText(uses: readonly SettingUse[]): string {
  const models = [...new Set(uses.flatMap(({ model }) => model ?? []))];
  return models.length === 0 ? '' : ` in ${models.map((model) => `\`${model}\``).join(', ')}`;
}

const count = (tensors: number): string => (tensors === 1 ? l10n.t('1 tensor') : l10n.t('{0} tensors', tensors));
const text = (value: SettingUse['value']): string => (typeof value === 'number' ? String(Number(value.toPrecision(6))) : String(value));
