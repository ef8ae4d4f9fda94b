import type { KeyPath } from '../../experiment/yaml-source';
import type { MergeMethod } from '../methods/method';
import type { Parameter } from '../methods/parameter';
import { methods } from '../methods/registry';

/** The parameters that a `parameters` block may set at its place: those of the whole merge are not said for one model. */
export function parametersAt(path: KeyPath, method: string | null): Readonly<Record<string, Parameter>> {
  const known = methods.filter(({ name }) => name === method);
  const isOfModel = path.includes('models') || path.includes('sources');
  return Object.assign({}, ...(known.length > 0 ? known : methods).map(({ parameters, modelParameters }) => ({ ...(isOfModel ? {} : parameters), ...modelParameters }))) as Record<string, Parameter>;
}

/** One line on a parameter: what it is, its range and its default. */
export function parameterText({ description, minimum, maximum, default: value }: Parameter): string {
  const range = minimum !== undefined && maximum !== undefined ? `${minimum} to ${maximum}` : minimum !== undefined ? `at least ${minimum}` : maximum !== undefined ? `at most ${maximum}` : null;
  return `${description}${range === null ? '' : `, ${range}`}${value === null ? '; has no default' : ''}`;
}

/** What a parameter is to every method that has it: methods with the same answer stand together. */
export function parameterByMethods(name: string): readonly { readonly parameter: Parameter; readonly methods: readonly string[] }[] {
  const groups = new Map<string, { parameter: Parameter; methods: string[] }>();
  for (const method of methods) {
    const parameter = own(method, name);
    if (!parameter) continue;
    const key = JSON.stringify(parameter);
    const group = groups.get(key) ?? { parameter, methods: [] };
    group.methods.push(method.name);
    groups.set(key, group);
  }
  return [...groups.values()];
}

export const parameterNames: readonly string[] = [...new Set(methods.flatMap(({ parameters, modelParameters }) => [...Object.keys(parameters), ...Object.keys(modelParameters)]))];

const own = ({ parameters, modelParameters }: MergeMethod, name: string): Parameter | undefined => ({ ...parameters, ...modelParameters })[name];
