import { closeSync, constants, openSync, readSync } from 'node:fs';
import { fileSystemError, truncatedFile } from '../../checkpoint/errors';
import type { OpenFiles } from './source';

/** Descriptors are few: 1,000 shards of eight experts would pass the usual limit of 1,024. */
const openLimit = 64;
/** One call never asks for more: lengths of 2 GiB and above fail. */
const readLimitBytes = 1 << 30;
/** Position, length and address of a direct read are multiples of this. */
export const directAlignment = 4096;

/** Files that stay open while they are in use; the one opened first is closed when there are too many. */
export class FileCache implements OpenFiles {
  private readonly buffered = new Map<string, number>();
  private readonly direct = new Map<string, number | null>();

  /** @param isDirect whether `readChunk` tries to read past the page cache */
  constructor(private readonly isDirect = false) {}

  read(file: string, position: number, into: Uint8Array): void {
    try {
      const descriptor = this.descriptor(file);
      for (let done = 0; done < into.byteLength; ) {
        const count = readSync(descriptor, into, done, Math.min(into.byteLength - done, readLimitBytes), position + done);
        if (count === 0) throw truncatedFile(file, into.byteLength - done, position + into.byteLength);
        done += count;
      }
    } catch (error) {
      throw fileSystemError(file, error);
    }
  }

  /**
   * Reads `sizeBytes` from `position` on into a slot that has twice `directAlignment` more room, and returns the part of
   * the slot that holds them.
   */
  readChunk(file: string, position: number, sizeBytes: number, slot: Uint8Array): Uint8Array {
    const direct = this.isDirect && slot.byteOffset % directAlignment === 0 ? this.directDescriptor(file) : null;
    const lead = direct === null ? 0 : position % directAlignment;
    const chunk = slot.subarray(lead, lead + sizeBytes);
    if (direct === null) {
      this.read(file, position, chunk);
      return chunk;
    }
    const wanted = Math.ceil((lead + sizeBytes) / directAlignment) * directAlignment;
    const done = this.readDirectly(file, direct, position - lead, slot.subarray(0, wanted)) - lead;
    // a short read at the file's end, or a file system that takes no direct reads after all
    if (done < sizeBytes) this.read(file, position + Math.max(0, done), chunk.subarray(Math.max(0, done)));
    return chunk;
  }

  private readDirectly(file: string, descriptor: number, position: number, into: Uint8Array): number {
    try {
      return readSync(descriptor, into, 0, into.byteLength, position);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw fileSystemError(file, error);
      closeSync(descriptor);
      this.direct.set(file, null);
      return 0;
    }
  }

  /** Null where the file system takes no direct reads. */
  private directDescriptor(file: string): number | null {
    let descriptor = this.direct.get(file);
    if (descriptor === undefined) {
      descriptor = openDirect(file, constants.O_RDONLY);
      this.closeOldest(this.direct);
      this.direct.set(file, descriptor);
    }
    return descriptor;
  }

  private descriptor(file: string): number {
    let descriptor = this.buffered.get(file);
    if (descriptor === undefined) {
      descriptor = openSync(file, 'r');
      this.closeOldest(this.buffered);
      this.buffered.set(file, descriptor);
    }
    return descriptor;
  }

  private closeOldest(descriptors: Map<string, number | null>): void {
    if (descriptors.size < openLimit) return;
    const [file, descriptor] = descriptors.entries().next().value as [string, number | null];
    descriptors.delete(file);
    if (descriptor !== null) closeSync(descriptor);
  }

  close(): void {
    for (const descriptors of [this.buffered, this.direct]) {
      for (const descriptor of descriptors.values()) if (descriptor !== null) closeSync(descriptor);
      descriptors.clear();
    }
  }
}

/** A descriptor that goes past the page cache; null where the system or the file system has none. */
export function openDirect(file: string, flags: number): number | null {
  if (constants.O_DIRECT === undefined) return null;
  try {
    return openSync(file, flags | constants.O_DIRECT);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EINVAL') return null;
    throw fileSystemError(file, error);
  }
}
