import type { KeyPath } from '../../experiment/yaml-source';
import { checkedValue, type Parameter, type ParameterValue } from '../methods/parameter';
import { gradientAt } from './layers';
import type { ConditionalSetting, ParameterSetting, Scalar, Settings } from './schema';

/** A value and where in the file it stands; no place for a default. */
export interface ResolvedValue {
  readonly value: ParameterValue;
  readonly origin: KeyPath | null;
}

/** The `parameters` of one level of the file. */
export interface Scope {
  readonly settings: Settings | null | undefined;
  readonly path: KeyPath;
}

/**
 * Value of a parameter for one tensor: that of the first scope, from the closest to the widest, that says one.
 * @param t place among the layers, 0 to 1, for gradients
 * @returns null where no scope says one and there is no default
 */
export function resolveSetting(name: string, parameter: Parameter, scopes: readonly Scope[], tensor: string, t: number): ResolvedValue | null {
  for (const { settings, path } of scopes) {
    const setting = settings?.[name];
    if (setting === undefined) continue;
    const found = evaluate(parameter, setting, tensor, t, [...path, name]);
    if (found) return found;
  }
  return parameter.default === null ? null : { value: parameter.default, origin: null };
}

/** mergekit's rule: the first entry whose filter is part of the name holds; null where none does. */
function evaluate(parameter: Parameter, setting: ParameterSetting, tensor: string, t: number, path: KeyPath): ResolvedValue | null {
  if (!isConditional(setting)) return { value: Array.isArray(setting) ? atLayer(parameter, setting as readonly Scalar[], t) : scalarOf(parameter, setting as Scalar), origin: path };
  const entries: readonly ConditionalSetting[] = Array.isArray(setting) ? setting : [setting];
  const index = entries.findIndex(({ filter }) => filter == null || filter === '*' || tensor.includes(filter));
  return index < 0 ? null : evaluate(parameter, entries[index].value, tensor, t, Array.isArray(setting) ? [...path, index] : path);
}

/**
 * A gradient at t: numbers are interpolated piecewise linearly between their even spacing over the layers; of other
 * values the one at or before t holds.
 */
function atLayer(parameter: Parameter, gradient: readonly Scalar[], t: number): ParameterValue {
  const values = gradient.map((value) => scalarOf(parameter, value));
  const before = Math.floor(t * (values.length - 1));
  const areNumbers = [values[before], values[Math.min(values.length - 1, before + 1)]].every((value) => typeof value === 'number');
  return areNumbers ? gradientAt(values as readonly number[], t) : values[before];
}

/** Numbers may be written as text, which YAML makes of some notations, and true and false as 1 and 0, which mergekit takes. */
function scalarOf({ type }: Parameter, value: Scalar): ParameterValue {
  if (type === 'boolean') return value === 1 || value === 0 ? value === 1 : (value as ParameterValue);
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  // what is no number stays as it was written, for the message
  return (Number.isNaN(number) ? value : number) as ParameterValue;
}

function isConditional(setting: ParameterSetting): setting is ConditionalSetting | readonly ConditionalSetting[] {
  const first: unknown = Array.isArray(setting) ? setting[0] : setting;
  return typeof first === 'object' && first !== null;
}

/** What is wrong with a setting's values, and where below its key; null where nothing is. */
export function settingProblem(parameter: Parameter, setting: ParameterSetting): { readonly path: KeyPath; readonly message: string } | null {
  if (isConditional(setting)) {
    const entries: readonly ConditionalSetting[] = Array.isArray(setting) ? setting : [setting];
    for (const [index, { value }] of entries.entries()) {
      const problem = settingProblem(parameter, value);
      if (problem) return { ...problem, path: [...(Array.isArray(setting) ? [index] : []), 'value', ...problem.path] };
    }
    return null;
  }
  const values = (Array.isArray(setting) ? setting : [setting]) as readonly Scalar[];
  for (const [index, value] of values.entries()) {
    try {
      checkedValue(parameter, scalarOf(parameter, value), (what) => new Error(what));
    } catch (error) {
      return { path: Array.isArray(setting) ? [index] : [], message: (error as Error).message };
    }
  }
  return null;
}
