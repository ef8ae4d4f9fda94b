import type { CheckpointTensor } from '../../checkpoint/checkpoint';
import type { TensorSource } from './source';

/** Where a checkpoint's tensor is read from, and what is added to it. */
export function sourceOf({ dtype, file, position, updates }: CheckpointTensor): TensorSource {
  const stored = { kind: 'stored', dtype, file, position } as const;
  return updates ? { kind: 'adapted', dtype: 'F32', stored, updates } : stored;
}
