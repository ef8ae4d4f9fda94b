import type { BlendOptions } from './blend';
import { weightArgument, type Weight } from './weights';

/** Quoted where a POSIX shell would take it apart. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * The call of `soup blend` that makes a blend.
 * @param names of the experts, in the order of the inputs
 * @param output the directory to make
 */
export function soupCommand({ inputs, weights, method = 'linear', parameters = {}, base, fishers = [], seed, dtype, normalize, extrapolate, space, rank, mergeIntoBase }: Omit<BlendOptions, 'output'>, names: readonly string[], output: string): string {
  const flag = (name: string, value: string | number | undefined): string[] => (value === undefined ? [] : [name, String(value)]);
  return [
    'soup', 'blend', ...inputs,
    ...flag('--weights', weights && weightsArgument(weights, names)),
    ...flag('--method', method === 'linear' ? undefined : method),
    ...Object.entries(parameters).flatMap(([name, value]) => flag('--param', `${name}=${String(value)}`)),
    ...flag('--base', base),
    ...fishers.flatMap((fisher) => flag('--fisher', fisher)),
    ...flag('--seed', seed),
    ...flag('--dtype', dtype?.toLowerCase()),
    ...(normalize ? ['--normalize'] : []),
    ...(extrapolate ? ['--extrapolate'] : []),
    ...flag('--space', space),
    ...flag('--rank', rank),
    ...(mergeIntoBase ? ['--merge-into-base'] : []),
    '--output', output,
  ].map(shellWord).join(' ');
}

/** By name where the names can be read back, else by position. */
function weightsArgument(weights: NonNullable<BlendOptions['weights']>, names: readonly string[]): string {
  const list = Array.isArray(weights) ? (weights as readonly Weight[]) : names.map((name) => (weights as Readonly<Record<string, Weight>>)[name]);
  const areReadable = names.every((name) => name === name.trim() && !name.includes(','));
  return list.map((weight, index) => (areReadable ? `${names[index]}=${weightArgument(weight)}` : weightArgument(weight))).join(',');
}
