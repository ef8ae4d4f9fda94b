// Times one PPO update (forward, gradient, clipping, Adam) on each engine, one process and one thread each, and prints
// a table with ratios. Needs a build (`npm run build`) for the kernels in dist/.
//   node bench/ppo-update.mjs [--steps 60]
//   PYTHON=/path/to/python-with-torch node bench/ppo-update.mjs     adds PyTorch
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bundle, root, runEngines } from './bundle.mjs';

const { values } = parseArgs({ options: { steps: { type: 'string', default: '60' } } });
const steps = Number(values.steps);
if (!Number.isInteger(steps) || steps < 3) throw new Error(`--steps: expected an integer of at least 3, got ${values.steps}`);

const compiled = await bundle('bench/ppo-update/engine.ts', 'ppo-update');

const python = process.env.PYTHON ?? 'python3';
const engines = [
  { name: 'wasm, own kernels', command: [process.execPath, compiled, 'wasm', String(steps)] },
  { name: 'wasm as shipped', command: [process.execPath, compiled, 'stock-wasm', String(steps)] },
  { name: 'tfjs cpu', command: [process.execPath, compiled, 'cpu', String(Math.max(3, Math.round(steps / 10)))] },
  { name: 'tensorflow (tfjs-node)', command: [process.execPath, compiled, 'tensorflow', String(steps)] },
  { name: 'PyTorch, 1 thread', command: [python, path.join(root, 'bench', 'ppo-update', 'torch_engine.py'), String(steps)] },
];

const results = runEngines(engines);
const own = results.find(({ name }) => name === 'wasm, own kernels');
const rows = results.map((result) => [result.name, result.version, result.cpuMs.toFixed(1), result.wallMs.toFixed(1), (result.cpuMs / own.cpuMs).toFixed(2), result.loss.toFixed(5)]);
const table = [['engine', 'version', 'CPU ms', 'wall ms', 'CPU ÷ own', 'last loss'], ['---', '---', '---:', '---:', '---:', '---:'], ...rows];
process.stdout.write(`One PPO update: two MLPs 27-64-64 (6 actions; value), batch 2048, Adam, gradients clipped; median of ${steps} steps (cpu fewer), one thread.\n`);
process.stdout.write(`${os.cpus()[0].model.trim()}, ${os.availableParallelism()} cores, Node ${process.version}\n\n`);
process.stdout.write(`${table.map((row) => `| ${row.join(' | ')} |`).join('\n')}\n`);
