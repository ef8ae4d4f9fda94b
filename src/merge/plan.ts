import { createHash } from 'node:crypto';
import { dtypeBytes, isFloatDtype, type FloatDtype } from '../checkpoint/dtype';
import { elementCount } from '../checkpoint/safetensors-header';
import type { TensorTask } from './methods/method';
import type { MergeRequest, RequestedFile, RequestedTensor } from './request';

/** One tensor of the output, with its place in the file's data section. */
export interface PlannedTensor extends RequestedTensor {
  readonly elements: number;
  readonly outBegin: number;
  readonly seed: number;
}

export interface PlannedFile extends RequestedFile {
  readonly tensors: readonly PlannedTensor[];
}

export interface MergePlan {
  readonly inputs: readonly string[];
  readonly files: readonly PlannedFile[];
  readonly tensorCount: number;
  readonly totalElements: number;
  readonly outBytes: number;
}

/** Lays the output out, tensor after tensor in the order given. */
export function planMerge({ inputs, files, seed }: MergeRequest): MergePlan {
  const planned = files.map((file): PlannedFile => {
    let outBegin = 0;
    const tensors = file.tensors.map((tensor): PlannedTensor => {
      const elements = elementCount(tensor.shape);
      const placed = { ...tensor, elements, outBegin, seed: seedOf(seed, tensor.name) };
      outBegin += elements * dtypeBytes[tensor.dtype];
      return placed;
    });
    return { ...file, tensors };
  });
  const all = planned.flatMap(({ tensors }) => tensors);
  return {
    inputs,
    files: planned,
    tensorCount: all.length,
    totalElements: all.reduce((sum, { elements }) => sum + elements, 0),
    outBytes: all.reduce((sum, { elements, dtype }) => sum + elements * dtypeBytes[dtype], 0),
  };
}

export function writtenTensors({ files }: MergePlan): PlannedTensor[] {
  return files.flatMap(({ tensors }) => tensors);
}

/** The type of all float tensors of the output; null where they differ, or there are none. */
export function floatDtypeOf({ files }: MergePlan): FloatDtype | null {
  const dtypes = new Set(files.flatMap(({ tensors }) => tensors.flatMap(({ dtype }) => (isFloatDtype(dtype) ? [dtype] : []))));
  return dtypes.size === 1 ? [...dtypes][0] : null;
}

/** A tensor's own seed, so that what is drawn for it depends on nothing that happens to other tensors. */
function seedOf(seed: number, name: string): number {
  return createHash('sha256').update(`${seed}:${name}`).digest().readUInt32LE();
}

/** What the method of a tensor is told. @param inputNames of the request's inputs */
export function taskOf({ name, shape, elements, parameters, inputs, base, seed }: PlannedTensor, inputNames: readonly string[]): TensorTask {
  return { name, shape, elements, rowLength: shape.at(-1) ?? 1, parameters, inputs: inputs.map((input) => input.parameters), names: inputs.map(({ input }) => inputNames[input]), base, seed };
}
