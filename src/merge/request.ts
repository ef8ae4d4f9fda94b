import type { Dtype } from '../checkpoint/dtype';
import type { ParameterValues } from './methods/parameter';
import type { TensorSource } from './sources/source';

/**
 * Everything that shall be merged: for every tensor of the output its method, its inputs and their parameters. A blend
 * of checkpoints is the simplest request; a mergekit configuration becomes one too.
 */
export interface MergeRequest {
  /** names of the inputs, for messages and statistics */
  readonly inputs: readonly string[];
  readonly files: readonly RequestedFile[];
  /** of methods that draw */
  readonly seed: number;
}

/** A safetensors file of the output, with its tensors in the order of their data. */
export interface RequestedFile {
  readonly file: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: readonly RequestedTensor[];
}

/** Tensors of an integer type or BOOL have no method: every input has to hold the same values. */
export interface RequestedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** of the output */
  readonly dtype: Dtype;
  /** a name of the registry */
  readonly method: string;
  readonly parameters: ParameterValues;
  readonly inputs: readonly TensorInput[];
  /** index of the base in `inputs`; null without one */
  readonly base: number | null;
}

export interface TensorInput {
  /** index into the request's `inputs` */
  readonly input: number;
  readonly source: TensorSource;
  readonly parameters: ParameterValues;
}
