import { closeSync, openSync, readSync } from 'node:fs';
import { fileSystemError, truncatedFile } from '../../checkpoint/errors';
import type { OpenFiles } from './source';

/** Descriptors are few: 1,000 shards of eight experts would pass the usual limit of 1,024. */
const openLimit = 64;
/** One call never asks for more: lengths of 2 GiB and above fail. */
const readLimitBytes = 1 << 30;

/** Files that stay open while they are in use; the one opened first is closed when there are too many. */
export class FileCache implements OpenFiles {
  private readonly descriptors = new Map<string, number>();

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

  private descriptor(file: string): number {
    let descriptor = this.descriptors.get(file);
    if (descriptor !== undefined) return descriptor;
    if (this.descriptors.size >= openLimit) {
      const [oldest, old] = this.descriptors.entries().next().value as [string, number];
      this.descriptors.delete(oldest);
      closeSync(old);
    }
    descriptor = openSync(file, 'r');
    this.descriptors.set(file, descriptor);
    return descriptor;
  }

  close(): void {
    for (const descriptor of this.descriptors.values()) closeSync(descriptor);
    this.descriptors.clear();
  }
}
