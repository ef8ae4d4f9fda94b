import type { SettingUse } from '../../merge/mergekit/resolve';

const shownTensors = 12;

/**
 * Which tensors get their value from a place of a configuration, as Markdown: one list a value, values in the order of the
 * tensors. A gradient gives each layer its own.
 */
export function settingHover(uses: readonly SettingUse[]): string {
  if (uses.length === 0) return 'No tensor gets its value from here: another setting comes first, or the filter is part of no name.';
  const [{ parameter }] = uses as [SettingUse];
  const head = `\`${parameter}\` of ${count(new Set(uses.map(({ tensor }) => tensor)).size)}${modelsText(uses)}`;
  const rows = uses.slice(0, shownTensors).map(({ tensor, value }) => `| \`${tensor}\` | ${text(value)} |`);
  const more = uses.length > shownTensors ? `\n\n… and ${uses.length - shownTensors} more` : '';
  return `${head}\n\n| tensor | value |\n|---|---|\n${rows.join('\n')}${more}`;
}

function modelsText(uses: readonly SettingUse[]): string {
  const models = [...new Set(uses.flatMap(({ model }) => model ?? []))];
  return models.length === 0 ? '' : ` in ${models.map((model) => `\`${model}\``).join(', ')}`;
}

const count = (tensors: number): string => `${tensors} tensor${tensors === 1 ? '' : 's'}`;
const text = (value: SettingUse['value']): string => (typeof value === 'number' ? String(Number(value.toPrecision(6))) : String(value));
