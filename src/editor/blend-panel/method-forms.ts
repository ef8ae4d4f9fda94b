import { takesWeights } from '../../merge/blend-draft';
import type { ParameterTable } from '../../merge/methods/parameter';
import { methods } from '../../merge/methods/registry';
import type { MethodForm, ParameterField } from '../../protocol/blend-panel';

/** Every merge method as a form shows it, from the table that the command line and the configurations use. */
export function methodForms(): MethodForm[] {
  return methods.map((method) => ({
    name: method.name,
    description: method.description,
    minimum: method.inputs.minimum,
    maximum: Number.isFinite(method.inputs.maximum) ? method.inputs.maximum : null,
    base: method.inputs.base,
    isRandom: method.isRandom ?? false,
    takesFishers: method.takesFishers ?? false,
    takesWeights: takesWeights(method),
    // λ itself keeps or leaves the simplex: `linear` gets it as it is
    parameters: fieldsOf(method.parameters).filter(({ name }) => method.name !== 'linear' || name !== 'normalize'),
    modelParameters: fieldsOf(method.modelParameters).filter(({ name }) => name !== 'weight'),
  }));
}

function fieldsOf(table: ParameterTable): ParameterField[] {
  return Object.entries(table).map(([name, { type, default: value, minimum = null, maximum = null, description }]) => ({ name, type, default: value, minimum, maximum, description }));
}
