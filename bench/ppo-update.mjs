// Times one PPO update (forward, gradient, clipping, Adam) on each engine, one process and one thread each, and prints
// a table with ratios. Needs a build (`npm run build`) for the kernels in dist/.
//   node bench/ppo-update.mjs [--steps 60]
//   PYTHON=/path/to/python-with-torch node bench/ppo-update.mjs     adds PyTorch
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as esbuild from 'esbuild';

const { values } = parseArgs({ options: { steps: { type: 'string', default: '60' } } });
const steps = Number(values.steps);
if (!Number.isInteger(steps) || steps < 3) throw new Error(`--steps: expected an integer of at least 3, got ${values.steps}`);

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.join(here, '..');
// inside dist/, where the kernels are looked for
const bundle = path.join(root, 'dist', 'bench', 'ppo-update.js');
mkdirSync(path.dirname(bundle), { recursive: true });
await esbuild.build({
  absWorkingDir: root,
  entryPoints: ['bench/ppo-update/engine.ts'],
  outfile: bundle,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  mainFields: ['main', 'module'],
  external: ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu', 'webgpu'],
  logLevel: 'warning',
});

const python = process.env.PYTHON ?? 'python3';
const oneThread = { OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', TF_NUM_INTRAOP_THREADS: '1', TF_NUM_INTEROP_THREADS: '1' };
const engines = [
  { name: 'wasm, own kernels', command: [process.execPath, bundle, 'wasm', String(steps)] },
  { name: 'wasm as shipped', command: [process.execPath, bundle, 'stock-wasm', String(steps)] },
  { name: 'tfjs cpu', command: [process.execPath, bundle, 'cpu', String(Math.max(3, Math.round(steps / 10)))] },
  { name: 'tensorflow (tfjs-node)', command: [process.execPath, bundle, 'tensorflow', String(steps)] },
  { name: 'PyTorch, 1 thread', command: [python, path.join(here, 'ppo-update', 'torch_engine.py'), String(steps)] },
];

const results = [];
for (const { name, command } of engines) {
  const [program, ...argv] = command;
  const { stdout, stderr, status } = spawnSync(program, argv, { encoding: 'utf8', env: { ...process.env, ...oneThread } });
  const line = (stdout ?? '').trim().split('\n').at(-1);
  if (status === 0 && line?.startsWith('{')) results.push({ name, ...JSON.parse(line) });
  else process.stderr.write(`${name}: left out (${(stderr ?? '').trim().split('\n').at(-1)?.slice(0, 160) || 'did not start'})\n`);
}

const own = results.find(({ name }) => name === 'wasm, own kernels');
const rows = results.map((result) => [result.name, result.version, result.cpuMs.toFixed(1), result.wallMs.toFixed(1), (result.cpuMs / own.cpuMs).toFixed(2), result.loss.toFixed(5)]);
const table = [['engine', 'version', 'CPU ms', 'wall ms', 'CPU ÷ own', 'last loss'], ['---', '---', '---:', '---:', '---:', '---:'], ...rows];
process.stdout.write(`One PPO update: two MLPs 27-64-64 (6 actions; value), batch 2048, Adam, gradients clipped; median of ${steps} steps (cpu fewer), one thread.\n`);
process.stdout.write(`${os.cpus()[0].model.trim()}, ${os.availableParallelism()} cores, Node ${process.version}\n\n`);
process.stdout.write(`${table.map((row) => `| ${row.join(' | ')} |`).join('\n')}\n`);
