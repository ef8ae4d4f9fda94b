import { throwIfAborted } from '../checkpoint/errors';
import type { NamedCheckpoint } from '../checkpoint/names';
import { openTensorReader } from '../checkpoint/tensor-reader';
import { endpointDiffers } from './errors';

/**
 * Reads a soup at λ = eᵢ back from the disk and compares it with expert i, byte for byte.
 * @throws EndpointDiffersError naming the first tensor that differs
 */
export async function verifyEndpoint(soup: NamedCheckpoint, expert: NamedCheckpoint, signal?: AbortSignal): Promise<void> {
  const reader = openTensorReader();
  const step = 1 << 20;
  const [ours, theirs] = [new Uint8Array(step), new Uint8Array(step)];
  try {
    for (const [name, tensor] of soup.checkpoint.tensors) {
      const match = expert.checkpoint.tensors.get(name);
      if (!match) throw endpointDiffers(name, expert.name);
      const size = tensor.end - tensor.begin;
      for (let offset = 0; offset < size; offset += step) {
        throwIfAborted(signal);
        const length = Math.min(step, size - offset);
        const [a, b] = [ours.subarray(0, length), theirs.subarray(0, length)];
        await Promise.all([reader.read(tensor, offset, a), reader.read(match, offset, b)]);
        if (Buffer.compare(a, b) !== 0) throw endpointDiffers(name, expert.name);
      }
    }
  } finally {
    await reader.close();
  }
}
