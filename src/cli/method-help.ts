import type { MergeMethod } from '../merge/methods/method';
import { methods } from '../merge/methods/registry';

/**
 * What `--help` says of the merge methods: what each does, whether it needs a base, and its parameters with their defaults.
 * @param isParameter whether the command takes this parameter as one, rather than by a flag of its own
 */
export function methodHelp(isParameter: (method: MergeMethod, parameter: string) => boolean = () => true): string {
  const describe = (method: MergeMethod): string[] => {
    const { name, description, inputs, parameters, modelParameters } = method;
    const values = Object.entries({ ...modelParameters, ...parameters }).filter(([parameter]) => isParameter(method, parameter)).map(([parameter, { default: value }]) => `${parameter}=${String(value ?? '…')}`);
    return [`  ${name.padEnd(18)}${description}${inputs.base === 'required' ? '; needs a base' : ''}`, ...(values.length > 0 ? [`    ${values.join(' ')}`] : [])];
  };
  return `\nMethods, with their parameters and defaults (… has none and must be given):\n${methods.flatMap(describe).join('\n')}`;
}
