// Times what the editor waits for: activation, a tree of 10,000 checkpoints, curves of 10 M points, a safetensors file of 50 GB.
//   node bench/editor.mjs [--checkpoints 10000] [--runs 100] [--rows 100000] [--gigabytes 50]
import { mkdtempSync, rmSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bundle, root } from './bundle.mjs';

const { values } = parseArgs({ options: { checkpoints: { type: 'string', default: '10000' }, runs: { type: 'string', default: '100' }, rows: { type: 'string', default: '100000' }, gigabytes: { type: 'string', default: '50' } } });
const counts = Object.fromEntries(Object.entries(values).map(([name, text]) => [name, Number(text)]));
const require = createRequire(import.meta.url);
const work = mkdtempSync(path.join(os.tmpdir(), 'editor-bench-'));
try {
  const { recordedEditor, timeActivation, timeTree, timeCurves, timeSafetensors } = require(await bundle('bench/editor/engine.ts', 'editor', { alias: { 'vega-canvas': path.join(root, 'node_modules/vega-canvas/build/vega-canvas.browser.js') }, mainFields: ['module', 'main'], external: ['vscode'] }));
  process.stdout.write(`${os.cpus()[0].model.trim()}, Node ${process.version}, load ${os.loadavg()[0].toFixed(1)}\n`);
  // `vscode` is the editor's: here an object that answers everything
  const { vscode } = recordedEditor();
  const load = Module._load;
  Module._load = (name, ...rest) => (name === 'vscode' ? vscode : load(name, ...rest));
  const report = (what, rows) => process.stdout.write(`${what}: ${Object.entries(rows).map(([name, value]) => `${name} ${value}`).join(', ')}\n`);
  report('activation', await timeActivation(() => require(path.join(root, 'dist/extension.js')), vscode));
  report(`tree of ${counts.checkpoints} checkpoints`, await timeTree(path.join(work, 'tree'), counts.checkpoints));
  report(`curves of ${counts.runs} runs with ${counts.rows} rows`, await timeCurves(path.join(work, 'curves'), counts.runs, counts.rows));
  report(`safetensors file of ${counts.gigabytes} GB`, await timeSafetensors(path.join(work, 'large.safetensors'), counts.gigabytes));
} finally {
  rmSync(work, { recursive: true, force: true });
}
