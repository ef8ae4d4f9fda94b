import { settingsPlaces } from './parse';
import type { MergekitConfig, ParameterSetting } from './schema';

/**
 * Filters that are part of no tensor's name and so decide nothing, which a mistyped one is; one sentence each.
 * @param names of the tensors of all models and of the output
 */
export function idleFilters(config: MergekitConfig, names: readonly string[]): string[] {
  return settingsPlaces(config).flatMap(({ settings, path }) => Object.entries(settings).flatMap(([parameter, setting]) => filtersOf(setting)
    .filter((filter) => !names.some((name) => name.includes(filter)))
    .map((filter) => `${[...path, parameter].join('.')}: the filter "${filter}" is part of no tensor's name and decides nothing`)));
}

function filtersOf(setting: ParameterSetting): string[] {
  const entries = Array.isArray(setting) ? setting : [setting];
  return entries.flatMap((entry) => (typeof entry === 'object' && 'value' in entry && entry.filter != null && entry.filter !== '*' ? [entry.filter] : []));
}
