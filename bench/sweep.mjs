// Times one λ of a sweep, the soup formed in memory against written to disk, read back and evaluated: the same experts, the
// same λ, the same episodes, turn by turn in one process, and prints a table with ratios. Needs a build (`npm run build`).
//   node bench/sweep.mjs [--lambdas 11]
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as esbuild from 'esbuild';

const { values } = parseArgs({ options: { lambdas: { type: 'string', default: '11' } } });
const lambdas = Number(values.lambdas);
if (!Number.isInteger(lambdas) || lambdas < 3) throw new Error(`--lambdas: expected an integer of at least 3, got ${values.lambdas}`);

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
// inside dist/, where the physics engine is looked for
const bundle = path.join(root, 'dist', 'bench', 'sweep.js');
mkdirSync(path.dirname(bundle), { recursive: true });
await esbuild.build({ absWorkingDir: root, entryPoints: ['bench/sweep/ways.ts'], outfile: bundle, bundle: true, platform: 'node', format: 'cjs', mainFields: ['main', 'module'], external: ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu', 'webgpu'], logLevel: 'warning' });

process.stdout.write(`One λ of a sweep: two experts of half-cheetah, 16 episodes of 50 steps; median of ${lambdas} λ, milliseconds of wall time.\n`);
process.stdout.write(`${os.cpus()[0].model.trim()}, ${os.availableParallelism()} cores, Node ${process.version}\n\n`);
const rows = [['hidden layers', 'parameters', 'form in memory', 'write and reload', 'ratio', 'with evaluation: in memory', 'written', 'ratio'], ['---', '---:', '---:', '---:', '---:', '---:', '---:', '---:']];
for (const hidden of ['64,64', '256,256', '1024,1024']) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [bundle, hidden, String(lambdas)], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  const { parameters, memory, disk, memoryPoint, diskPoint } = JSON.parse(stdout);
  rows.push([hidden.replace(',', ' × '), String(parameters), memory.toFixed(2), disk.toFixed(2), (disk / memory).toFixed(1), memoryPoint.toFixed(1), diskPoint.toFixed(1), (diskPoint / memoryPoint).toFixed(2)]);
}
process.stdout.write(`${rows.map((row) => `| ${row.join(' | ')} |`).join('\n')}\n`);
