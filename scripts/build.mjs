// Builds everything that runs into dist/: kernels first, because the bundles load them at run time.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const dist = path.join(root, 'dist');
const require = createRequire(import.meta.url);
const watch = process.argv.includes('--watch');
const production = process.argv.includes('--production');

/** AssemblyScript modules: source, name of the .wasm in dist, extra flags. A `.as.ts` file is AssemblyScript, not TypeScript. */
const kernels = [
  { source: 'src/trainer/backend/kernels/all.as.ts', name: 'training-kernels.wasm', flags: ['--runtime', 'stub', '--importMemory'] },
  { source: 'src/trainer/backend/kernels/all.as.ts', name: 'training-kernels-fused.wasm', flags: ['--runtime', 'stub', '--importMemory', '--enable', 'relaxed-simd'] },
  { source: 'src/merge/kernels/merge.as.ts', name: 'merge-kernels.wasm', flags: ['--runtime', 'stub'] },
];

function buildKernels() {
  const asc = path.join(path.dirname(require.resolve('assemblyscript/package.json')), 'bin', 'asc.js');
  for (const { source, name, flags } of kernels) {
    if (!existsSync(path.join(root, source))) continue;
    execFileSync(process.execPath, [asc, source, '-o', path.join(dist, name), '-O3', '--noAssert', '--enable', 'simd', ...flags], { cwd: root, stdio: 'inherit' });
    if (flags.includes('--importMemory')) assertNoDataSegment(path.join(dist, name));
  }
}

/** A kernel module lives on somebody else's heap: a data segment of its own (section 11) would overwrite what lies there. */
function assertNoDataSegment(file) {
  const bytes = readFileSync(file);
  const readSize = (at) => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return [value, at];
    }
  };
  // sections follow an 8-byte header: id, size as LEB128, content
  for (let at = 8; at < bytes.length; ) {
    if (bytes[at] === 11) throw new Error(`${file} has a data segment: keep strings, static arrays and assertions out of its source`);
    const [size, content] = readSize(at + 1);
    at = content + size;
  }
}

function copyAssets() {
  const wasmBackend = path.dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'));
  const tfjsWasm = path.join(wasmBackend, 'dist');
  for (const file of readdirSync(tfjsWasm).filter((name) => name.endsWith('.wasm'))) cpSync(path.join(tfjsWasm, file), path.join(dist, file));
}

const common = {
  absWorkingDir: root,
  outdir: 'dist',
  bundle: true,
  minify: production,
  sourcemap: production ? false : 'linked',
  logLevel: 'warning',
};
const importMetaUrl = {
  define: { 'import.meta.url': 'importMetaUrl' },
  banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
};
const node = {
  ...common,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  external: ['vscode', '@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu', 'webgpu'],
  // the charts are drawn as SVG: no canvas library, whose optional import awaits at top level
  alias: { 'vega-canvas': path.join(root, 'node_modules', 'vega-canvas', 'build', 'vega-canvas.browser.js') },
  // ES modules first: the UMD builds of some packages cannot be bundled
  mainFields: ['module', 'main'],
};

const present = (entries) => Object.fromEntries(Object.entries(entries).filter(([, file]) => existsSync(path.join(root, file))));
const panels = existsSync(path.join(root, 'webviews')) ? readdirSync(path.join(root, 'webviews')).filter((name) => existsSync(path.join(root, 'webviews', name, 'main.ts'))) : [];

/** esbuild splits ES modules only: what it has split becomes CommonJS here, which the editor's extension host loads. */
const commonJs = {
  name: 'common-js',
  setup: ({ onEnd }) => onEnd(async ({ outputFiles = [] }) => void (await Promise.all(outputFiles.map(async ({ path: file, text }) => {
    mkdirSync(path.dirname(file), { recursive: true });
    const { code } = await esbuild.transform(text, { format: 'cjs', platform: 'node', target: 'node20', minify: production, sourcemap: production ? false : 'inline', sourcefile: file, supported: { 'dynamic-import': false } });
    writeFileSync(file, code);
  })))),
};

const bundles = [
  // in parts, so that the editor starts with what it needs at once
  { ...node, entryPoints: { extension: 'src/extension.ts' }, format: 'esm', splitting: true, chunkNames: 'extension/[name]-[hash]', write: false, sourcemap: production ? false : 'inline', plugins: [commonJs] },
  { ...node, entryPoints: present({ 'checkpoint-worker': 'src/checkpoint/worker/main.ts', 'analysis-worker': 'src/editor/panels/analysis-worker/main.ts', reader: 'src/editor/reader/main.ts', 'language-worker': 'src/editor/yaml-language/worker/main.ts', 'blend-worker': 'src/merge/blend-worker/main.ts' }) },
  { ...node, entryPoints: present({ cli: 'src/cli/main.ts' }), banner: { js: '#!/usr/bin/env node' } },
  { ...node, entryPoints: present({ 'merge-worker': 'src/merge/worker.ts' }) },
  { ...node, entryPoints: present({ trainer: 'src/trainer/main.ts' }), mainFields: ['main', 'module'] },
  // The MuJoCo WebAssembly build is an ES module that asks for its own URL: one CommonJS file, required when an environment is made.
  { ...node, ...importMetaUrl, entryPoints: { mujoco: 'mujoco-js' }, sourcemap: false, minify: false, supported: { 'dynamic-import': false } },
  {
    ...common,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    entryPoints: Object.fromEntries(panels.map((name) => [`webviews/${name}`, `webviews/${name}/main.ts`])),
    loader: { '.ttf': 'file' },
  },
].filter(({ entryPoints }) => Object.keys(entryPoints).length > 0);

if (!watch) rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
buildKernels();
copyAssets();
const contexts = await Promise.all(bundles.map((options) => esbuild.context(options)));
if (watch) await Promise.all(contexts.map((context) => context.watch()));
else {
  await Promise.all(contexts.map((context) => context.rebuild()));
  await Promise.all(contexts.map((context) => context.dispose()));
}
