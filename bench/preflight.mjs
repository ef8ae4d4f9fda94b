// Times the preflight of one and of two checkpoints of 1,000 shards with 100,000 tensors: opening, comparing.
//   node bench/preflight.mjs [--shards 1000] [--tensors 100000]
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as esbuild from 'esbuild';

const { values } = parseArgs({ options: { shards: { type: 'string', default: '1000' }, tensors: { type: 'string', default: '100000' } } });
const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.join(here, '..');
const bundle = path.join(root, 'dist', 'bench', 'preflight.js');
mkdirSync(path.dirname(bundle), { recursive: true });
await esbuild.build({ absWorkingDir: root, entryPoints: ['bench/preflight/engine.ts'], outfile: bundle, bundle: true, platform: 'node', format: 'cjs', mainFields: ['module', 'main'], logLevel: 'warning' });
const { makeShards, timePreflight } = createRequire(import.meta.url)(bundle);

const work = mkdtempSync(path.join(os.tmpdir(), 'preflight-bench-'));
try {
  const directories = ['a', 'b'].map((name) => path.join(work, name));
  for (const directory of directories) await makeShards(directory, Number(values.shards), Number(values.tensors));
  process.stdout.write(`${os.cpus()[0].model.trim()}, Node ${process.version}, load ${os.loadavg()[0].toFixed(1)}; checkpoints of ${values.shards} shards, ${values.tensors} tensors each\n`);
  for (const [name, opened] of [['one', directories.slice(0, 1)], ['two', directories]]) {
    for (let round = 0; round < 5; round++) {
      const started = process.cpuUsage();
      const steps = await timePreflight(opened);
      const { user, system } = process.cpuUsage(started);
      const total = Object.values(steps).reduce((sum, ms) => sum + ms, 0);
      process.stdout.write(`${name}: ${Object.entries(steps).map(([step, ms]) => `${step} ${ms.toFixed(0)} ms`).join(', ')}: ${total.toFixed(0)} ms, CPU ${((user + system) / 1000).toFixed(0)} ms\n`);
    }
  }
} finally {
  rmSync(work, { recursive: true });
}
