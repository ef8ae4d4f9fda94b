import path from 'node:path';
import { dtypeBytes } from '../checkpoint/dtype';
import { fileSystemError, throwIfAborted } from '../checkpoint/errors';
import { createSafetensors } from '../checkpoint/safetensors';
import { plainKernel } from './kernels/plain';
import type { MergePlan } from './plan';
import { FileCache } from './sources/open-files';
import { StatisticsSum, type MergeStatistics } from './statistics';
import { mergeTensor } from './tensor-merge';

export interface Execution {
  readonly plan: MergePlan;
  /** where the output's files are made */
  readonly directory: string;
  readonly allowNan: boolean;
  readonly signal?: AbortSignal;
  readonly onElements: (doneElements: number) => void;
}

/**
 * Carries out a plan; memory is bounded by the chunk. A copy keeps its bytes, so that not even a −0 or a NaN's payload
 * changes.
 * @throws NonFloatTensorsDifferError, NanTensorError, DiskFullError, InterruptedError
 */
export async function executeMerge({ plan, directory, allowNan, signal, onElements }: Execution): Promise<MergeStatistics> {
  const files = new FileCache();
  const statistics = new StatisticsSum(plan.inputs.length);
  let doneElements = 0;
  try {
    for (const { file, metadata, tensors } of plan.files) {
      const target = path.join(directory, file);
      const writer = await createSafetensors(target, tensors, metadata);
      try {
        for (const tensor of tensors) {
          let pending: Promise<void> = Promise.resolve();
          const write = (bytes: Uint8Array, start: number): void => {
            pending = writer.write(bytes, tensor.outBegin + start * dtypeBytes[tensor.dtype]);
          };
          for (const elements of mergeTensor(tensor, { kernel: plainKernel, files, statistics, inputNames: plan.inputs, allowNan, write })) {
            await pending;
            doneElements += elements;
            onElements(doneElements);
            throwIfAborted(signal);
          }
        }
        await writer.finish();
      } catch (error) {
        await writer.abandon();
        throw fileSystemError(target, error);
      }
    }
    return statistics;
  } finally {
    files.close();
  }
}
