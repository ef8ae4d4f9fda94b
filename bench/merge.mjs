// Times merges of Llama-shaped checkpoints against PyTorch and mergekit on the same files in the same run, and prints
// tables. Needs a build (`npm run build`).
//   PYTHON=/path/to/python-with-mergekit node bench/merge.mjs [--megabytes 1000] [--repeats 3] [--directory DIR] [--tables linear,methods,peaks,adapters,large,cold]
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as esbuild from 'esbuild';
import { methodConfigs } from './merge/methods.mjs';

const { values } = parseArgs({ options: { megabytes: { type: 'string', default: '1000' }, repeats: { type: 'string', default: '3' }, directory: { type: 'string', default: os.tmpdir() }, tables: { type: 'string', default: 'linear,methods,peaks,adapters,large,cold' }, dtypes: { type: 'string', default: 'bf16,f16,f32' }, large: { type: 'string', default: '8000' }, methods: { type: 'string' }, experts: { type: 'string', default: '2,8' } } });
const sizeBytes = Number(values.megabytes) * 1e6;
const repeats = Number(values.repeats);
const python = process.env.PYTHON ?? 'python3';
const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.join(here, '..');
// inside dist/, where the kernels and the thread's entry are looked for
const bundle = path.join(root, 'dist', 'bench', 'merge.js');
mkdirSync(path.dirname(bundle), { recursive: true });
for (const [source, outfile] of [['engine', bundle], ...['copy', 'arithmetic'].map((name) => [name, path.join(path.dirname(bundle), `merge-${name}.js`)])]) {
  await esbuild.build({ absWorkingDir: root, entryPoints: [`bench/merge/${source}.ts`], outfile, bundle: true, platform: 'node', format: 'cjs', mainFields: ['module', 'main'], logLevel: 'warning' });
}

const work = mkdtempSync(path.join(values.directory, 'merge-bench-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

/** glibc gives the memory of big temporaries back and faults it in again; tuned, it keeps it. */
const tunedMalloc = { MALLOC_MMAP_THRESHOLD_: '4294967296', MALLOC_TRIM_THRESHOLD_: '17179869184', MALLOC_TOP_PAD_: '268435456' };
const threads = (count) => ({ OMP_NUM_THREADS: String(count), MKL_NUM_THREADS: String(count) });

function measured(program, argv, env = {}) {
  const { stdout, stderr, status } = spawnSync(program, argv, { encoding: 'utf8', env: { ...process.env, ...env }, maxBuffer: 1 << 28 });
  const line = (stdout ?? '').trim().split('\n').at(-1);
  if (status === 0 && line?.startsWith('{')) return JSON.parse(line);
  process.stderr.write(`${argv.join(' ')}: left out (${(stderr ?? '').trim().split('\n').at(-1)?.slice(0, 300)})\n`);
  return null;
}

const out = path.join(work, 'out');
const fresh = () => rmSync(out, { recursive: true, force: true });
/** The digests that a merge keeps are in `cache`, so that a first merge can be told from the next. */
const cache = path.join(work, 'cache');
const engine = (...argv) => measured(process.execPath, [bundle, ...argv], { XDG_CACHE_HOME: cache });
const expert = (dtype, i) => path.join(work, dtype, `expert-${i}`);
const weightsOf = (dtype, i) => path.join(expert(dtype, i), 'model.safetensors');

function make(dtype, count, bytes = sizeBytes) {
  // expert 0 is the base
  for (let i = 0; i <= count; i++) execFileSync(process.execPath, [bundle, 'make', expert(dtype, i), String(i), dtype, String(bytes)]);
  // hashes of files that were written just now are not kept
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2500);
}

/**
 * Runs the contestants in turn, `repeats` rounds, and keeps each one's fastest: what other work on the machine disturbs is
 * left out. Each finds the files of `inputs` in the page cache: some systems put out what nobody has read for a minute.
 */
function race(contestants, inputs = []) {
  const best = new Map();
  for (let round = 0; round < repeats; round++) {
    for (const [name, run] of contestants) {
      fresh();
      spawnSync(process.execPath, [bundle, 'touch', path.join(work, 'touched'), String(sizeBytes), ...inputs]);
      const result = run();
      if (result && !(best.get(name)?.seconds <= result.seconds)) best.set(name, result);
    }
  }
  fresh();
  return best;
}

const printRow = (cells) => process.stdout.write(`| ${cells.join(' | ')} |\n`);
function print(header, rows) {
  printRow(header);
  printRow(header.map((_, i) => (i === 0 ? '---' : '---:')));
  // a row is printed when it is known
  for (const cells of rows) printRow(cells);
  process.stdout.write('\n');
}
const row = (name, { seconds, cpuSeconds, peakMegabytes }, own) => [name, seconds.toFixed(2), cpuSeconds?.toFixed(2) ?? '', peakMegabytes.toFixed(0), (seconds / own.seconds).toFixed(1), cpuSeconds === null ? '' : (cpuSeconds / own.cpuSeconds).toFixed(1)];
const columns = ['wall s', 'CPU s', 'peak MB', 'wall ÷ own', 'CPU ÷ own'];

/** What a merge on this machine could be at most, and what this one is. */
function printReach(best) {
  const fastest = (start) => Math.min(...[...best].flatMap(([name, { seconds }]) => (name.startsWith(start) ? [seconds] : [])));
  const [torch, copy, own] = [fastest('PyTorch'), fastest('copy'), fastest('own')];
  const [torchArithmetic, ownArithmetic] = [fastest('arithmetic in memory, PyTorch'), fastest('arithmetic in memory, own')];
  const ratio = (seconds, of = torch) => (of / seconds).toFixed(1);
  process.stdout.write(`The fastest PyTorch takes ${ratio(own)} times as long as own, ${ratio(copy)} times as long as the copy, ${ratio(copy + ownArithmetic)} times as long as the copy and own's arithmetic after it; in memory, ${ratio(ownArithmetic, torchArithmetic)} times as long.\n\n`);
}

const torchWay = path.join(here, 'merge', 'torch_way.py');
const arithmetic = (dtype, count, threadCount) => () => measured(python, [torchWay, '--arithmetic', dtype, String(count), String(sizeBytes)], { ...threads(threadCount), ...tunedMalloc });

function linearTable() {
  for (const dtype of values.dtypes.split(',')) {
    for (const count of values.experts.split(',').map(Number)) {
      make(dtype, count);
      const inputs = Array.from({ length: count }, (_, i) => weightsOf(dtype, i + 1));
      const torch = (env) => () => measured(python, [torchWay, `${out}.safetensors`, ...inputs], env);
      const cores = os.availableParallelism();
      const best = race([
        ['copy of as many bytes', () => engine('copy', `${out}.copy`, ...inputs)],
        [`arithmetic in memory, own, ${cores} threads`, () => engine('arithmetic', dtype, String(count), String(sizeBytes), String(cores))],
        ['arithmetic in memory, PyTorch, 1 thread, malloc tuned', arithmetic(dtype, count, 1)],
        ['arithmetic in memory, PyTorch, 2 threads, malloc tuned', arithmetic(dtype, count, 2)],
        ['own', () => engine('linear', out, ...inputs)],
        ['own, waiting for the disk', () => engine('linear-durable', out, ...inputs)],
        ['PyTorch as installed, 1 thread', torch(threads(1))],
        ['PyTorch, 1 thread, malloc tuned', torch({ ...threads(1), ...tunedMalloc })],
        ['PyTorch, 2 threads, malloc tuned', torch({ ...threads(2), ...tunedMalloc })],
      ], inputs);
      for (const end of ['safetensors', 'copy']) rmSync(`${out}.${end}`, { force: true });
      process.stdout.write(`### linear, ${count} experts of ${values.megabytes} MB, ${dtype}\n\n`);
      print(['way', ...columns], [...best].map(([name, result]) => row(name, result, best.get('own'))));
      printReach(best);
      rmSync(path.join(work, dtype), { recursive: true, force: true });
    }
  }
}

function* methodRows() {
  const config = path.join(work, 'merge.yaml');
  for (const name of (values.methods ?? 'linear,slerp,model_stock,ties,dare_ties,dare_linear').split(',')) {
    const settings = methodConfigs[name](expert('bf16', 1), expert('bf16', 2), expert('bf16', 0));
    const models = new Set([...settings.models.map(({ model }) => model), ...(settings.base_model ? [settings.base_model] : [])]);
    const inputs = [...models].map((model) => path.join(model, 'model.safetensors'));
    writeFileSync(config, JSON.stringify({ ...settings, dtype: 'bfloat16' }));
    const mergekit = (env) => () => measured(python, [path.join(here, 'merge', 'mergekit_run.py'), config, out], env);
    const best = race([
      ['copy of as many bytes', () => engine('copy', `${out}.copy`, ...inputs)],
      ['own, the first of these files, waiting for the disk', () => (rmSync(cache, { recursive: true, force: true }), engine('config-durable', config, out))],
      ['own, waiting for the disk', () => engine('config-durable', config, out)],
      ['own', () => engine('config', config, out)],
      ['mergekit, 1 thread, malloc tuned', mergekit({ ...threads(1), ...tunedMalloc })],
      ['mergekit, 2 threads, malloc tuned', mergekit({ ...threads(2), ...tunedMalloc })],
    ], inputs);
    // computing in float32, as the product does
    rmSync(`${out}.copy`, { force: true });
    writeFileSync(config, JSON.stringify({ ...settings, dtype: 'float32', out_dtype: 'bfloat16' }));
    for (const [who, result] of race([['mergekit in float32, 2 threads, malloc tuned', mergekit({ ...threads(2), ...tunedMalloc })]], inputs)) best.set(who, result);
    for (const [who, result] of best) yield [name, ...row(who, result, best.get('own'))];
  }
}

function methodsTable() {
  make('bf16', 2);
  process.stdout.write(`### methods, 2 experts of ${values.megabytes} MB (and their base), bf16\n\n`);
  print(['method', 'who', ...columns], methodRows());
  rmSync(path.join(work, 'bf16'), { recursive: true, force: true });
}

/** Peak memory of every method, and what it takes; no peers. */
function peaksTable() {
  make('bf16', 2);
  const config = path.join(work, 'merge.yaml');
  process.stdout.write(`### memory of every method, 2 experts of ${values.megabytes} MB (and their base), bf16\n\n`);
  print(['method', 'wall s', 'CPU s', 'peak MB'], (values.methods?.split(',') ?? Object.keys(methodConfigs)).map((name) => {
    fresh();
    writeFileSync(config, JSON.stringify({ ...methodConfigs[name](expert('bf16', 1), expert('bf16', 2), expert('bf16', 0)), dtype: 'bfloat16' }));
    const { seconds, cpuSeconds, peakMegabytes } = engine('config', config, out);
    return [name, seconds.toFixed(2), cpuSeconds.toFixed(2), peakMegabytes.toFixed(0)];
  }));
  rmSync(path.join(work, 'bf16'), { recursive: true, force: true });
  fresh();
}

/** Blends of LoRA adapters, of rank 64 for every projection. */
function adaptersTable() {
  const base = expert('bf16', 0);
  execFileSync(process.execPath, [bundle, 'make', base, '0', 'bf16', String(sizeBytes)]);
  const adapters = [1, 2].map((seed) => {
    const directory = path.join(work, `adapter-${seed}`);
    execFileSync(process.execPath, [bundle, 'make-adapter', directory, base, String(seed), String(sizeBytes)]);
    return directory;
  });
  process.stdout.write('### blends of two adapters of rank 64\n\n');
  print(['space', 'wall s', 'CPU s', 'peak MB'], [['factor', ''], ['delta', ''], ['delta', base]].map(([space, into]) => {
    fresh();
    const { seconds, cpuSeconds, peakMegabytes } = engine('adapters', out, space, into, ...adapters);
    return [into ? `${space}, merged into the base` : space, seconds.toFixed(2), cpuSeconds.toFixed(2), peakMegabytes.toFixed(0)];
  }));
  for (const directory of [...adapters, path.join(work, 'bf16')]) rmSync(directory, { recursive: true, force: true });
  fresh();
}

/** From the disk, to the disk: caches are dropped before each run, which root can. */
function coldTable() {
  const drop = '/proc/sys/vm/drop_caches';
  try {
    writeFileSync(drop, '3');
  } catch {
    process.stderr.write(`cold: left out (${drop} cannot be written)\n`);
    return;
  }
  make('bf16', 2);
  execFileSync('sync');
  const [base, ...inputs] = [0, 1, 2].map((i) => weightsOf('bf16', i));
  const config = path.join(work, 'cold.yaml');
  writeFileSync(config, JSON.stringify({ ...methodConfigs.linear(expert('bf16', 1), expert('bf16', 2)), dtype: 'bfloat16' }));
  const cold = (run) => () => {
    execFileSync('sync');
    writeFileSync(drop, '3');
    return run();
  };
  const best = race([
    ['read and write past the cache, no arithmetic', cold(() => engine('copy-direct', `${out}.copy`, ...inputs))],
    ['own, engine alone, synced', cold(() => engine('linear-durable', out, ...inputs))],
    ['own, soup merge, inputs hashed', cold(() => (rmSync(cache, { recursive: true, force: true }), engine('config-durable', config, out)))],
    ['own, soup merge, hashes known', cold(() => (engine('config', config, `${out}-warm`), rmSync(`${out}-warm`, { recursive: true, force: true }), execFileSync('sync'), writeFileSync(drop, '3'), engine('config-durable', config, out)))],
    ['PyTorch, 2 threads, malloc tuned', cold(() => measured(python, [torchWay, `${out}.safetensors`, ...inputs], { ...threads(2), ...tunedMalloc }))],
  ]);
  const limit = best.get('read and write past the cache, no arithmetic');
  process.stdout.write(`### cold, linear, 2 experts of ${values.megabytes} MB, bf16\n\n`);
  print(['way', 'wall s', 'CPU s', 'share of the limit'], [...best].map(([name, { seconds, cpuSeconds }]) => [name, seconds.toFixed(2), cpuSeconds.toFixed(2), `${((100 * limit.seconds) / seconds).toFixed(0)} %`]));
  for (const end of ['safetensors', 'copy']) rmSync(`${out}.${end}`, { force: true });
  rmSync(path.dirname(path.dirname(base)), { recursive: true, force: true });
}

/** Memory of big merges, of sparse files: what is read is zeros, but as much of it. */
function largeTable() {
  const rows = [];
  for (const [count, megabytes] of [[2, 1000], [8, Number(values.large)]]) {
    make('bf16', count, 64e6);
    const files = Array.from({ length: count }, (_, i) => {
      const file = path.join(work, `large-${i}.safetensors`);
      execFileSync(python, ['-c', sparse, file, String(megabytes)]);
      return file;
    });
    fresh();
    const result = engine('linear', out, ...files);
    rows.push([`${count} × ${megabytes} MB`, result.seconds.toFixed(2), result.peakMegabytes.toFixed(0)]);
    for (const file of files) rmSync(file);
    fresh();
  }
  process.stdout.write('### memory, linear, bf16, sparse files\n\n');
  print(['checkpoints', 'wall s', 'peak MB'], rows);
}

const sparse = `
import json, struct, sys
size = int(float(sys.argv[2]) * 1e6) // 64 // 2 * 2
tensors = {f"layer.{i}": {"dtype": "BF16", "shape": [size // 2], "data_offsets": [i * size, (i + 1) * size]} for i in range(64)}
header = json.dumps(tensors).encode()
with open(sys.argv[1], "wb") as file:
    file.write(struct.pack("<Q", len(header)) + header)
    file.truncate(8 + len(header) + 64 * size)
`;

const cpu = os.cpus()[0].model.trim();
process.stdout.write(`${cpu}, ${os.availableParallelism()} cores, Node ${process.version}; best of ${repeats} rounds, load ${os.loadavg()[0].toFixed(1)} at the start.\n\n`);
const { speeds, threadStartMs } = engine('limits', path.join(work, 'limits'), String(sizeBytes));
process.stdout.write(`Limits, GB/s: ${Object.entries(speeds).map(([name, speed]) => `${name} ${speed.toFixed(1)}`).join(', ')}; a thread starts in ${threadStartMs.toFixed(0)} ms.\n\n`);
const tables = { linear: linearTable, methods: methodsTable, peaks: peaksTable, adapters: adaptersTable, large: largeTable, cold: coldTable };
for (const name of values.tables.split(',')) tables[name]();
