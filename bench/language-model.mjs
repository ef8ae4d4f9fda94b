// Times the parts of training a small language model (generation, forward + backward of all weights and of an adapter)
// beside transformers and PEFT on the same weights and tokens, one process and one thread each. Needs a build.
//   node bench/language-model.mjs [--steps 12]
//   PYTHON=/path/to/python-with-torch-transformers-peft node bench/language-model.mjs     adds the peer
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bundle, root, runEngines } from './bundle.mjs';

const { values } = parseArgs({ options: { steps: { type: 'string', default: '12' } } });
const steps = Number(values.steps);
if (!Number.isInteger(steps) || steps < 3) throw new Error(`--steps: expected an integer of at least 3, got ${values.steps}`);

const create = await bundle('bench/language-model/create.ts', 'language-model-create');
const engine = await bundle('bench/language-model/engine.ts', 'language-model');
const model = mkdtempSync(path.join(os.tmpdir(), 'bench-model-'));
execFileSync(process.execPath, [create, model]);
const engines = [
  { name: 'wasm, own kernels', command: [process.execPath, engine, model, String(steps)] },
  { name: 'transformers + PEFT', command: [process.env.PYTHON ?? 'python3', path.join(root, 'bench', 'language-model', 'torch_engine.py'), model, String(steps)] },
];
const results = runEngines(engines);
rmSync(model, { recursive: true });

const rows = results.map(({ name, version, tokensPerSecond, fullMs, adapterMs, loss }) => [name, version, tokensPerSecond.toFixed(0), fullMs.toFixed(0), adapterMs.toFixed(0), loss.toFixed(5)]);
const [own, peer] = results;
if (peer) rows.push(['own ÷ peer, speed', '', (own.tokensPerSecond / peer.tokensPerSecond).toFixed(2), (peer.fullMs / own.fullMs).toFixed(2), (peer.adapterMs / own.adapterMs).toFixed(2), '']);
const table = [['engine', 'version', 'tokens/s', 'all weights, CPU ms', 'LoRA r 8, CPU ms', 'loss'], ['---', '---', '---:', '---:', '---:', '---:'], ...rows];
process.stdout.write(`GPT-2 of 4 layers, width 128, vocabulary 1,024; 16 × 64 tokens; generation of 48 tokens after 16; forward + backward; medians by processor time, one thread.\n`);
process.stdout.write(`${os.cpus()[0].model.trim()}, ${os.availableParallelism()} cores, Node ${process.version}\n\n`);
process.stdout.write(`${table.map((row) => `| ${row.join(' | ')} |`).join('\n')}\n`);
