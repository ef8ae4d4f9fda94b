// Whether every backend that opens here gives the losses and gradients that tfjs's cpu backend gives: each algorithm's
// loss on tiny models (one trained whole, the others by LoRA). Needs a build.
//   node bench/backends.mjs
// WebGPU without a GPU, on Chromium's software driver (and with webgpu and @tensorflow/tfjs-backend-webgpu installed):
//   LD_LIBRARY_PATH=/usr/lib/chromium VK_ICD_FILENAMES=/usr/lib/chromium/vk_swiftshader_icd.json XDG_RUNTIME_DIR=/tmp node bench/backends.mjs
import path from 'node:path';
import { bundle, root, runEngines } from './bundle.mjs';

const engine = await bundle('bench/backends/engine.ts', 'backends');
const models = ['gpt2', 'llama3', 'qwen3'].map((name) => path.join(root, 'test', 'fixtures', 'text', 'models', name));
const [reference, ...others] = runEngines(['cpu', 'wasm', 'tensorflow', 'webgpu'].map((name) => ({ name, command: [process.execPath, engine, name, ...models] })));

/** ‖a − b‖ / ‖b‖ */
const distance = (a, b) => Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0) / b.reduce((sum, value) => sum + value ** 2, 0));
const rows = others.flatMap(({ name, device, results }) => [...new Set(results.map(({ loss }) => loss))].map((loss) => {
  const pairs = results.flatMap((result, i) => (result.loss === loss ? [[result, reference.results[i]]] : []));
  const worst = (of) => Math.max(...pairs.map(([own, cpu]) => of(own, cpu))).toExponential(1);
  return [name, device, loss, worst((own, cpu) => Math.abs(own.value - cpu.value)), worst((own, cpu) => distance(own.gradients, cpu.gradients))];
}));
const table = [['backend', 'device', 'loss', 'largest difference of the loss', 'largest relative distance of the gradient'], ['---', '---', '---', '---:', '---:'], ...rows];
process.stdout.write(`${models.map((model) => path.basename(model)).join(', ')} against tfjs cpu.\n\n${table.map((row) => `| ${row.join(' | ')} |`).join('\n')}\n`);
