import { invalidParameter, invalidWeights, methodInputs, unknownParameter } from './errors';
import type { MergeMethod } from './methods/method';
import { resolveParameters, type ParameterTable, type ParameterValue, type ParameterValues } from './methods/parameter';
import { resolveWeights, weightAt, type Weight, type WeightRules, type WeightsInput } from './weights';

/** What a blend's method is told, checked. */
export interface BlendParameters {
  /** λ in the order of the experts; equal shares for a method that takes none */
  readonly weights: readonly Weight[];
  /** of the whole merge */
  readonly method: ParameterValues;
  /** of each expert, λ among them, in their order */
  readonly experts: readonly ExpertValues[];
}

/** Parameters of one expert; λ may be a list over the layers. */
export type ExpertValues = Readonly<Record<string, ParameterValue | readonly number[]>>;

/** Parameters at a place among the layers, 0 to 1. */
export function valuesAt(values: ExpertValues, t: number): ParameterValues {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, typeof value === 'boolean' ? value : weightAt(value, t)]));
}

export interface BlendSettings extends WeightRules {
  readonly weights?: WeightsInput;
  /** by name, of the whole merge or of every expert; `<expert>.<name>` is of that expert alone */
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/**
 * The parameters of a blend. `linear` wants λ on the simplex; to the other methods weights mean what each of them makes
 * of them, so that any finite numbers go.
 * @throws InvalidWeightsError, UnknownParameterError with the nearest name, InvalidParameterError
 */
export function blendParameters(method: MergeMethod, names: readonly string[], { weights: given, parameters = {}, normalize, extrapolate }: BlendSettings): BlendParameters {
  const weight = method.modelParameters.weight as ParameterTable[string] | undefined;
  if (given === undefined && weight?.default === null) throw invalidWeights(`none are given, and ${method.name} needs one for each of ${names.join(', ')} — pass --weights`);
  if (given !== undefined && !weight && method.name !== 'uniform') throw methodInputs(method.name, 'takes no weights: leave them out');
  const isSimplex = method.name === 'linear';
  const weights = given === undefined ? names.map(() => Number(weight?.default ?? 1 / names.length)) : resolveWeights(given, names, { normalize, extrapolate: extrapolate || !isSimplex });
  const { whole, ofExperts } = assigned(method, names, parameters);
  // the simplex rules have normalized what shall be; mergekit's default would do it again
  const defaults = isSimplex ? { normalize: false } : {};
  return {
    weights,
    method: resolveParameters(method.parameters, { ...defaults, ...whole }, method.name),
    experts: names.map((name, i) => ({ ...resolveParameters(method.modelParameters, { ...(weight ? { weight: weightAt(weights[i], 0) } : {}), ...ofExperts[i] }, name), ...(weight ? { weight: weights[i] } : {}) })),
  };
}

function assigned({ name: method, parameters: wholeTable, modelParameters }: MergeMethod, names: readonly string[], given: Readonly<Record<string, unknown>>) {
  const known = [...Object.keys(wholeTable), ...Object.keys(modelParameters).filter((name) => name !== 'weight')];
  const whole: Record<string, unknown> = {};
  const ofExperts = names.map((): Record<string, unknown> => ({}));
  // what is said of one expert holds against what is said of all
  for (const [key, value] of Object.entries(given).sort(([a], [b]) => Number(a.includes('.')) - Number(b.includes('.')))) {
    const dot = key.lastIndexOf('.');
    const name = key.slice(dot + 1);
    if (name === 'weight') throw invalidParameter(method, 'weight', 'is given by --weights');
    if (!known.includes(name)) throw unknownParameter(method, name, known);
    if (dot < 0) {
      if (Object.hasOwn(wholeTable, name)) whole[name] = value;
      else for (const expert of ofExperts) expert[name] = value;
      continue;
    }
    const expert = names.indexOf(key.slice(0, dot));
    if (expert < 0) throw invalidParameter(method, key, `is of no expert — they are ${names.join(', ')}`);
    if (Object.hasOwn(wholeTable, name)) throw invalidParameter(method, name, `is of the whole merge, not of ${names[expert]} — write ${name}=…`);
    ofExperts[expert][name] = value;
  }
  return { whole, ofExperts };
}

/** Parameters as typed, each once. @throws InvalidParameterError */
export function parseParameters(texts: readonly string[]): Record<string, number | boolean> {
  const parsed = texts.map(parseParameter);
  const names = parsed.map(([name]) => name);
  const repeated = names.find((name, i) => names.indexOf(name) < i);
  if (repeated !== undefined) throw invalidParameter('--param', repeated, 'stands twice — give it one value');
  return Object.fromEntries(parsed);
}

/** A parameter as typed, `density=0.5` or `risky.density=0.5`: numbers and true or false. @throws InvalidParameterError */
function parseParameter(text: string): readonly [name: string, value: number | boolean] {
  const at = text.indexOf('=');
  const value = text.slice(at + 1).trim();
  const number = value === '' ? NaN : Number(value);
  const parsed = value === 'true' ? true : value === 'false' ? false : number;
  if (at < 1 || Number.isNaN(parsed)) throw invalidParameter('--param', text, 'is not of the form name=number, name=true or expert.name=number');
  return [text.slice(0, at).trim(), parsed];
}
