import { SoupError } from '../../../../errors';

const pageBytes = 65536;
const limitBytes = 2 ** 32 - pageBytes;

/** Memory of its own for the kernels, handed out from the bottom up and taken back down to a mark. */
export class Arena {
  readonly memory = new WebAssembly.Memory({ initial: 16 });
  /** the first bytes stay free: address 0 means none */
  private top = 64;

  /** Address of room for `floats` float32 (or int32), aligned to 16 bytes. @throws ModelTooLargeError above 4 GiB */
  floats(count: number): number {
    const address = this.top;
    this.top = address + Math.ceil(count / 4) * 16;
    if (this.top > limitBytes) throw new SoupError('ModelTooLargeError', `weights and cache of ${Math.round(this.top / 2 ** 20)} MiB exceed the 4 GiB that WebAssembly can address — use a smaller model, shorter texts or a smaller generation batch`);
    const missing = this.top - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / pageBytes));
    return address;
  }

  /** Everything handed out since `mark()` gave this value is free again. */
  release(mark: number): void {
    this.top = mark;
  }

  mark(): number {
    return this.top;
  }

  /** Views detach whenever the memory grows: ask anew after every `floats`. */
  view(address: number, count: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, count);
  }
}
