import { open, type FileHandle } from 'node:fs/promises';
import type { CheckpointTensor } from './checkpoint';
import { fileSystemError } from './errors';
import { readFully } from './files';

/** Reads ranges of tensors; each file is opened once and closed with the reader. */
export interface TensorReader {
  /** Fills `into` with the tensor's bytes as stored, from `byteOffset` on. */
  read(tensor: Pick<CheckpointTensor, 'file' | 'position'>, byteOffset: number, into: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export function openTensorReader(): TensorReader {
  const handles = new Map<string, FileHandle>();
  return {
    async read({ file, position }, byteOffset, into) {
      try {
        let handle = handles.get(file);
        if (!handle) {
          handle = await open(file, 'r');
          handles.set(file, handle);
        }
        await readFully(handle, into, position + byteOffset, file);
      } catch (error) {
        throw fileSystemError(file, error);
      }
    },
    async close() {
      await Promise.all([...handles.values()].map((handle) => handle.close()));
      handles.clear();
    },
  };
}
