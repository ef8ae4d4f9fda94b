import { readFileSync } from 'node:fs';
import { assetPath } from '../../../../../src/assets';
import { hasFusedKernels, instantiateKernels, type KernelExports } from '../../../../../src/trainer/backend/wasm/kernel-module';

const sizes = [[5, 9, 7], [4, 8, 300], [33, 20, 513], [1, 1, 1]] as const;

/** What a machine without fused multiply-add takes. */
async function plainKernels(memory: WebAssembly.Memory): Promise<KernelExports> {
  const { instance } = await WebAssembly.instantiate(readFileSync(assetPath('training-kernels.wasm')), { env: { memory } });
  return instance.exports as unknown as KernelExports;
}

test.each([['fused', instantiateKernels], ['plain', plainKernels]] as const)('%s kernels: products equal float64 within the rounding of float32', async (_, open) => {
  const memory = new WebAssembly.Memory({ initial: 64 });
  const kernels = await open(memory);
  for (const [rows, columns, depth] of sizes) {
    const heap = new Float32Array(memory.buffer);
    const [a, b, c] = [64, 64 + rows * depth, 64 + rows * depth + depth * columns];
    for (let i = a; i < c; i++) heap[i] = Math.sin(i * i);
    kernels.gemm(4 * a, depth, 1, 4 * b, columns, 1, 4 * c, columns, rows, columns, depth, 4 * (c + rows * columns + 4), Math.min(depth, 256), false);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        let [sum, size] = [0, 0];
        for (let k = 0; k < depth; k++) {
          const product = heap[a + i * depth + k]! * heap[b + k * columns + j]!;
          sum += product;
          size += Math.abs(product);
        }
        // the bound of a sum of `depth` rounded products, with a factor for the probable error
        expect(Math.abs(heap[c + i * columns + j]! - sum)).toBeLessThanOrEqual(size * 2 ** -24 * (2 + Math.sqrt(depth)));
      }
    }
  }
});

test('this Node runs the fused module, behind its flag where it has one', () => {
  expect(hasFusedKernels()).toBe(true);
});
