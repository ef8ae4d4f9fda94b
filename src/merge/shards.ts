import { dtypeBytes } from '../checkpoint/dtype';
import { elementCount } from '../checkpoint/safetensors-header';
import type { RequestedTensor } from './request';

export interface Shard {
  readonly file: string;
  readonly tensors: readonly RequestedTensor[];
}

/** As transformers and mergekit cut by default. */
export const defaultShardBytes = 5e9;

/** Tensors in their order, in as few files as hold at most `limit` bytes each (a larger tensor has one of its own), named as transformers names them. */
export function shardTensors(tensors: readonly RequestedTensor[], limit = defaultShardBytes): Shard[] {
  const shards: RequestedTensor[][] = [[]];
  let size = 0;
  for (const tensor of tensors) {
    const bytes = elementCount(tensor.shape) * dtypeBytes[tensor.dtype];
    if (size > 0 && size + bytes > limit) {
      shards.push([]);
      size = 0;
    }
    shards[shards.length - 1].push(tensor);
    size += bytes;
  }
  const number = (n: number) => String(n).padStart(5, '0');
  return shards.map((part, i) => ({ file: shards.length === 1 ? 'model.safetensors' : `model-${number(i + 1)}-of-${number(shards.length)}.safetensors`, tensors: part }));
}
