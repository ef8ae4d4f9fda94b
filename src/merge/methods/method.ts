import type { ParameterTable, ParameterValues, ValuesOf } from './parameter';
import type { TensorProgram } from './program';

/** One tensor to be merged, as a method sees it: everything is resolved, filters and gradients too. */
export interface TensorTask<Global = ParameterValues, Model = ParameterValues> {
  readonly name: string;
  readonly shape: readonly number[];
  readonly elements: number;
  /** elements of the last dimension; 1 for a scalar */
  readonly rowLength: number;
  readonly parameters: Global;
  /** parameters of every input, [inputs]; the base's own say nothing to methods that merge task vectors */
  readonly inputs: readonly Model[];
  /** of the inputs, [inputs]: what methods that draw are keyed by, so that the order of the experts changes nothing */
  readonly names: readonly string[];
  /** index of the base among the inputs; null without one */
  readonly base: number | null;
  /** of this tensor alone (unsigned, 32 bits): from the merge's seed and the tensor's name, whatever the thread */
  readonly seed: number;
}

/** A way to merge. Adding one is a file here and a line in `registry.ts`. */
export interface MergeMethod {
  readonly name: string;
  /** one line: the formula and where it comes from */
  readonly description: string;
  /** how many inputs it takes, the base not counted, and whether it takes a base */
  readonly inputs: { readonly minimum: number; readonly maximum: number; readonly base: 'required' | 'optional' | 'none' };
  /** the result depends on the seed */
  readonly isRandom?: boolean;
  /** every expert brings the diagonal of its Fisher information: as many inputs again, in the same order */
  readonly takesFishers?: boolean;
  /** said once for the whole merge */
  readonly parameters: ParameterTable;
  /** said for every input */
  readonly modelParameters: ParameterTable;
  /** Called in the thread that merges the tensor, and once before for the plan: it must be cheap and pure. */
  program(task: TensorTask): TensorProgram;
}

interface Definition<Global extends ParameterTable, Model extends ParameterTable> extends Omit<MergeMethod, 'program' | 'parameters' | 'modelParameters'> {
  readonly parameters: Global;
  readonly modelParameters: Model;
  program(task: TensorTask<ValuesOf<Global>, ValuesOf<Model>>): TensorProgram;
}

/** A method whose `program` sees its parameters by name and type. */
export function defineMethod<const Global extends ParameterTable, const Model extends ParameterTable>(definition: Definition<Global, Model>): MergeMethod {
  return { ...definition, program: (task) => definition.program(task as TensorTask<ValuesOf<Global>, ValuesOf<Model>>) };
}
