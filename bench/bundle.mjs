import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

export const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Bundles a TypeScript file of a benchmark and returns the path of the result: inside dist/, where the kernels are looked for. */
export async function bundle(source, name, options = {}) {
  const outfile = path.join(root, 'dist', 'bench', `${name}.js`);
  mkdirSync(path.dirname(outfile), { recursive: true });
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: [source],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    mainFields: ['main', 'module'],
    external: ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu', 'webgpu'],
    logLevel: 'warning',
    ...options,
  });
  return outfile;
}

const oneThread = { OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', TF_NUM_INTRAOP_THREADS: '1', TF_NUM_INTEROP_THREADS: '1' };

/** Runs each engine in a process and thread of its own; their last line is JSON. Those that fail are left out, with a line on stderr. */
export function runEngines(engines) {
  const results = [];
  for (const { name, command } of engines) {
    const [program, ...argv] = command;
    const { stdout, stderr, status } = spawnSync(program, argv, { encoding: 'utf8', env: { ...process.env, ...oneThread } });
    const line = (stdout ?? '').trim().split('\n').at(-1);
    if (status === 0 && line?.startsWith('{')) results.push({ name, ...JSON.parse(line) });
    else process.stderr.write(`${name}: left out (${(stderr ?? '').trim().split('\n').at(-1)?.slice(0, 160) || 'did not start'})\n`);
  }
  return results;
}
