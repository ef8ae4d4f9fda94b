import { dtypeBytes } from '../checkpoint/dtype';
import { compileKernels, SimdKernel } from './kernels/simd';
import type { MergePlan, PlannedTensor } from './plan';
import { FileCache } from './sources/open-files';
import { mergeTensor } from './tensor-merge';
import type { OutputPlace } from './work';

export interface NanDiagnosis {
  readonly tensor: string;
  /** in the output; 0 where the method drops what the inputs have */
  readonly count: number;
  /** names of the inputs that have NaN in that tensor */
  readonly inputs: readonly string[];
}

/**
 * Which tensor the NaN in a chunk belong to: a chunk may span several, so those from its place on are merged once more,
 * without writing, until one has NaN or reads it.
 */
export function diagnoseNan({ files, inputs }: MergePlan, { outFile, begin }: OutputPlace): NanDiagnosis {
  for (const tensor of files[outFile].tensors) {
    if (tensor.outBegin + tensor.elements * dtypeBytes[tensor.dtype] <= begin) continue;
    const found = nanOf(tensor, inputs);
    if (found.count > 0 || found.inputs.length > 0) return found;
  }
  throw new Error(`no NaN from byte ${begin} of ${files[outFile].file} on: the inputs changed meanwhile`);
}

function nanOf(tensor: PlannedTensor, inputNames: readonly string[]): NanDiagnosis {
  let count = 0;
  const faulty = new Set<string>();
  const files = new FileCache();
  const steps = mergeTensor(tensor, { from: 0, to: tensor.elements }, {
    kernel: new SimdKernel(compileKernels()),
    files,
    inputNames,
    write: () => undefined,
    countOutput: ({ nan }) => {
      count += nan;
    },
    countInput: (index, { nan }) => {
      if (nan > 0) faulty.add(inputNames[tensor.inputs[index].input]);
    },
  });
  try {
    for (const _ of steps) void _;
  } finally {
    files.close();
  }
  return { tensor: tensor.name, count, inputs: [...faulty] };
}
