import { SoupError } from '../errors';
import { nearestName } from '../experiment/nearest-name';

export function invalidWeights(what: string): SoupError {
  return new SoupError('InvalidWeightsError', `weights: ${what}`);
}

export function unknownMethod(name: string, known: readonly string[]): SoupError {
  const nearest = nearestName(name, known);
  return new SoupError('UnknownMethodError', `method ${JSON.stringify(name)} is not known — ${nearest ? `did you mean ${JSON.stringify(nearest)}? It is one of` : 'choose one of'} ${known.join(', ')}`);
}

export function unknownParameter(where: string, name: string, known: readonly string[]): SoupError {
  const nearest = nearestName(name.slice(name.lastIndexOf('.') + 1), known);
  const hint = nearest !== null ? `did you mean ${JSON.stringify(nearest)}?` : known.length > 0 ? `known are ${known.join(', ')}` : 'it has none';
  return new SoupError('UnknownParameterError', `${where}: parameter ${JSON.stringify(name)} is not known — ${hint}`);
}

export function invalidParameter(where: string, name: string, what: string): SoupError {
  return new SoupError('InvalidParameterError', `${where}: ${name} ${what}`);
}

export function methodInputs(method: string, what: string): SoupError {
  return new SoupError('MethodInputsError', `method ${method} ${what}`);
}

/** @param what of which the method takes so many: an expert, a model */
export function wrongInputCount(method: string, { minimum, maximum }: { readonly minimum: number; readonly maximum: number }, what: string, beside: string, count: number): SoupError {
  const taken = minimum === maximum ? minimum : maximum === Infinity ? `at least ${minimum}` : `${minimum} to ${maximum}`;
  return methodInputs(method, `takes ${taken} ${what}${taken === 1 ? '' : 's'}${beside}, got ${count}`);
}

/** Everything that keeps checkpoints from being blended; the message has the first and the number of the others. */
export class PreflightError extends SoupError {
  constructor(readonly problems: readonly string[]) {
    const more = problems.length - 1;
    super('PreflightError', `${problems[0]}${more > 0 ? ` (and ${more} more problem${more > 1 ? 's' : ''} of this kind)` : ''}`);
  }
}

export function nonFloatTensorsDiffer(tensor: string, dtype: string, first: string, other: string): SoupError {
  return new SoupError('NonFloatTensorsDifferError', `${tensor}: the ${dtype} values in ${first} and ${other} differ, and integers are not averaged — blend experts that share them, or name their base (--base, base_model) to take its values`);
}

export function nanTensor(tensor: string, count: number, experts: readonly string[]): SoupError {
  const have = `${experts.join(' and ')} ${experts.length > 1 ? 'have' : 'has'} NaN there`;
  if (count === 0) return new SoupError('NanTensorError', `${tensor}: ${have}, which the method would drop unseen — train that expert again, or pass --allow-nan to go on`);
  const cause = experts.length > 0 ? `${have} — train that expert again` : 'no expert has NaN there, so infinities met — train again what has them';
  return new SoupError('NanTensorError', `${tensor}: the soup has ${count} NaN values; ${cause}, or pass --allow-nan to write it as it is`);
}

export function outputExists(output: string): SoupError {
  return new SoupError('OutputExistsError', `${output}: exists and is not empty — choose another output, or pass --force to move it aside`);
}

export function outputHoldsInput(output: string, input: string): SoupError {
  return new SoupError('OutputHoldsInputError', `${output}: holds the input ${input} — choose another output`);
}

export function outputIsFile(output: string): SoupError {
  return new SoupError('OutputIsFileError', `${output}: is a file, and a soup is written as a directory — choose another output`);
}

export function outputNotMade(output: string, what: string, cause?: unknown): SoupError {
  return new SoupError('OutputNotMadeError', `${output}: ${what} — choose another output`, { cause });
}

export function endpointDiffers(tensor: string, expert: string): SoupError {
  return new SoupError('EndpointDiffersError', `${tensor}: differs from ${expert} although λ is 1 there, so the disk or ${expert} changed meanwhile — blend again`, { isInput: false });
}

export function tokenizerProblem(input: string, what: string): SoupError {
  return new SoupError('TokenizerError', `${input}: ${what}`);
}

export function oppositeExperts(tensor: string): SoupError {
  return new SoupError('OppositeExpertsError', `${tensor}: the directions of the experts cancel out, so they have no mean on the sphere — change the weights, or use linear`);
}

export function adapterBlendProblem(what: string): SoupError {
  return new SoupError('AdapterBlendError', `adapters: ${what}`);
}
