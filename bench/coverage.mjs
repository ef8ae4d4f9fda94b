// Simulates results with known truth and counts how often the intervals hold it, and how often the test errs.
//   node bench/coverage.mjs [--simulations 2000] [--seed 1] [--of margins|hypervolumes|selections]
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import * as esbuild from 'esbuild';

const { values } = parseArgs({ options: { simulations: { type: 'string', default: '2000' }, seed: { type: 'string', default: '1' }, of: { type: 'string' } } });
const [simulations, seed] = [Number(values.simulations), Number(values.seed)];
if (!Number.isInteger(simulations) || simulations < 10 || !Number.isInteger(seed)) throw new Error('--simulations: a whole number of at least 10; --seed: a whole number');

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const bundle = path.join(root, 'dist', 'bench', 'coverage.cjs');
mkdirSync(path.dirname(bundle), { recursive: true });
await esbuild.build({ absWorkingDir: root, entryPoints: ['bench/coverage/simulate.ts'], outfile: bundle, bundle: true, platform: 'node', format: 'cjs', mainFields: ['module', 'main'], logLevel: 'warning' });
const { tables } = (await import(pathToFileURL(bundle).href)).default;

const known = Object.keys(tables);
if (values.of !== undefined && !known.includes(values.of)) throw new Error(`--of: one of ${known.join(', ')}`);
for (const name of values.of === undefined ? known : [values.of]) {
  const { title, header, rows } = tables[name](simulations, seed);
  process.stdout.write(`\n${title}\n\n| ${header.join(' | ')} |\n| ${header.map(() => '---').join(' | ')} |\n${rows.map((row) => `| ${row.join(' | ')} |\n`).join('')}`);
}
