// Times what the editor waits for, each surface in a process of its own: how long, and how long the extension host stood still.
//   node bench/editor.mjs [--only tree,curves] [--vsix rewarded-soups.vsix] [--editor]
//        [--checkpoints 10000] [--tensors 100000] [--lines 5000] [--runs 100] [--rows 100000] [--gigabytes 50] [--edge 10] [--samples 64]
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bundle, root } from './bundle.mjs';

const sizes = { checkpoints: 10_000, tensors: 100_000, lines: 5000, runs: 100, rows: 100_000, gigabytes: 50, edge: 10, samples: 64 };
const { values } = parseArgs({ options: { only: { type: 'string' }, vsix: { type: 'string' }, editor: { type: 'boolean' }, ...Object.fromEntries(Object.entries(sizes).map(([name, size]) => [name, { type: 'string', default: String(size) }])) } });
/** those of `engine.ts` */
const surfaces = ['activation', 'tree', 'headers', 'yaml', 'snapshots', 'study', 'training', 'curves'];
const work = mkdtempSync(path.join(os.tmpdir(), 'editor-bench-'));

/** The folder of the extension that is timed: the packaged one, unpacked, or the repository. */
function unpacked() {
  if (!values.vsix) return root;
  execFileSync('unzip', ['-q', values.vsix, '-d', path.join(work, 'vsix')]);
  return path.join(work, 'vsix', 'extension');
}

try {
  const engine = await bundle('bench/editor/engine.ts', 'editor', { alias: { vscode: './bench/editor/vscode.cjs', 'vega-canvas': path.join(root, 'node_modules/vega-canvas/build/vega-canvas.browser.js') }, mainFields: ['module', 'main'] });
  const extension = unpacked();
  const settings = { ...Object.fromEntries(Object.keys(sizes).map((name) => [name, Number(values[name])])), extension, repository: root };
  process.stdout.write(`${os.cpus()[0].model.trim()}, ${os.cpus().length} cores, Node ${process.version}, load ${os.loadavg()[0].toFixed(1)}${values.vsix ? `, bundles of ${path.basename(values.vsix)}` : ''}\n\n`);
  process.stdout.write('| surface | time | CPU | longest block | messages |\n| --- | ---: | ---: | ---: | ---: |\n');
  for (const surface of values.only?.split(',') ?? surfaces) {
    const directory = path.join(work, surface);
    spawnSync(process.execPath, [engine, surface, directory, JSON.stringify(settings)], { stdio: 'inherit' });
    rmSync(directory, { recursive: true, force: true });
  }
  if (values.editor) {
    const { activationInEditor } = await import('./editor/in-editor.mjs');
    const ms = await activationInEditor(values.vsix ? path.resolve(values.vsix) : root, path.join(work, 'workspace'));
    process.stdout.write(`| activation: loading and activating in VS Code | ${ms.toFixed(0)} ms | | | |\n`);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
