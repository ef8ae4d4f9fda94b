import { open, stat } from 'node:fs/promises';

/** Follows what processes append to a log file, from its present end on. */
export class LogFollower {
  private constructor(
    private readonly file: string,
    private offset: number,
  ) {}

  static async atEnd(file: string): Promise<LogFollower> {
    const entry = await stat(file).catch(() => null);
    return new LogFollower(file, entry?.size ?? 0);
  }

  /** The whole lines written since the last call, without empty ones; all of the file where it was written anew. */
  async lines(): Promise<string[]> {
    const handle = await open(this.file, 'r').catch(() => null);
    if (!handle) return [];
    try {
      const { size } = await handle.stat();
      if (size < this.offset) this.offset = 0;
      const buffer = Buffer.alloc(size - this.offset);
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, this.offset);
      const end = buffer.subarray(0, bytesRead).lastIndexOf(10) + 1;
      this.offset += end;
      return buffer.subarray(0, end).toString('utf8').split(/\r?\n/).filter((line) => line.trim() !== '');
    } finally {
      await handle.close();
    }
  }
}
