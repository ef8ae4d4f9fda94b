import path from 'node:path';
import { dtypeBytes, isFloatDtype, type Dtype, type FloatDtype } from '../checkpoint/dtype';
import type { CheckpointTensor } from '../checkpoint/checkpoint';
import { elementCount, type TensorLayout } from '../checkpoint/safetensors-header';
import type { NamedCheckpoint } from '../checkpoint/names';

/** One tensor of the soup: where it comes from, in the order of the inputs, and what it becomes. */
export interface PlannedTensor {
  readonly name: string;
  readonly elements: number;
  readonly inputs: readonly CheckpointTensor[];
  readonly outDtype: Dtype;
  /** byte offset in its output file's data section */
  readonly outBegin: number;
}

/** A weight file of the soup, with its tensors in the order of the first input's. */
export interface PlannedFile {
  readonly file: string;
  readonly layouts: readonly TensorLayout[];
  readonly tensors: readonly PlannedTensor[];
}

export interface BlendPlan {
  readonly files: readonly PlannedFile[];
  readonly tensorCount: number;
  readonly totalElements: number;
  readonly outBytes: number;
}

/**
 * The soup's files and tensors, laid out as in the first input: the same shards, order and types, but for floats when
 * `dtype` asks for another. The inputs have passed the preflight.
 */
export function planBlend(inputs: readonly NamedCheckpoint[], dtype: FloatDtype | null): BlendPlan {
  const first = inputs[0].checkpoint;
  const files = first.files.map((file): PlannedFile => {
    let outBegin = 0;
    const tensors = [...first.tensors.values()].filter((tensor) => tensor.file === file).map((tensor): PlannedTensor => {
      const outDtype = dtype !== null && isFloatDtype(tensor.dtype) ? dtype : tensor.dtype;
      const elements = elementCount(tensor.shape);
      const planned = { name: tensor.name, elements, inputs: inputs.map(({ checkpoint }) => tensorOf(checkpoint.tensors, tensor.name)), outDtype, outBegin };
      outBegin += elements * dtypeBytes[outDtype];
      return planned;
    });
    const layouts = tensors.map(({ name, outDtype, inputs: [{ shape }] }) => ({ name, dtype: outDtype, shape }));
    return { file: outputName(first.kind, file), layouts, tensors };
  });
  const all = files.flatMap(({ tensors }) => tensors);
  return {
    files,
    tensorCount: all.length,
    totalElements: all.reduce((sum, { elements }) => sum + elements, 0),
    outBytes: all.reduce((sum, { elements, outDtype }) => sum + elements * dtypeBytes[outDtype], 0),
  };
}

function tensorOf(tensors: ReadonlyMap<string, CheckpointTensor>, name: string): CheckpointTensor {
  const tensor = tensors.get(name);
  if (!tensor) throw new Error(`${name}: planned without a preflight`);
  return tensor;
}

function outputName(kind: NamedCheckpoint['checkpoint']['kind'], file: string): string {
  if (kind === 'sharded') return path.basename(file);
  return kind === 'adapter' ? 'adapter_model.safetensors' : 'model.safetensors';
}
