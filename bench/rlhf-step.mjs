// Times a whole RLHF step (sample, reward, KL to the reference, gradient, Adam) of RLOO on a LoRA adapter, ours beside
// TRL's with PEFT: the same model, prompts, reward and settings, one process and one thread each, and looks whether
// memory stays flat.
//   node bench/rlhf-step.mjs [--steps 200] [--peer-steps 20]
//   PYTHON=/path/to/python node bench/rlhf-step.mjs        a Python that has trl and peft, for the peer
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as esbuild from 'esbuild';

const { values } = parseArgs({ options: { steps: { type: 'string', default: '200' }, 'peer-steps': { type: 'string', default: '20' } } });
const [steps, peerSteps] = [Number(values.steps), Number(values['peer-steps'])];
if (![steps, peerSteps].every((count) => Number.isInteger(count) && count >= 5)) throw new Error('--steps and --peer-steps: expected integers of at least 5');

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.join(here, '..');
const example = path.join(root, 'examples', 'summary');
// inside dist/, where the kernels are looked for
const bundle = path.join(root, 'dist', 'bench', 'rlhf-step.js');
mkdirSync(path.dirname(bundle), { recursive: true });
await esbuild.build({
  absWorkingDir: root, entryPoints: ['bench/rlhf-step/engine.ts'], outfile: bundle, bundle: true, platform: 'node', format: 'cjs', target: 'node20', mainFields: ['main', 'module'],
  external: ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu', 'webgpu'], logLevel: 'warning',
});

const work = mkdtempSync(path.join(os.tmpdir(), 'rlhf-step-'));
const setting = {
  model: path.join(work, 'model'), tokenizer: path.join(example, 'tokenizer'), promptsFile: path.join(example, 'prompts.jsonl'),
  config: { model_type: 'llama', architectures: ['LlamaForCausalLM'], vocab_size: 163, hidden_size: 192, intermediate_size: 512, num_hidden_layers: 4, num_attention_heads: 6, num_key_value_heads: 6, max_position_embeddings: 128, rms_norm_eps: 1e-5, rope_theta: 10000, hidden_act: 'silu', tie_word_embeddings: true, initializer_range: 0.02, eos_token_id: 2, pad_token_id: 0 },
  prompts: 16, samples: 4, maxNewTokens: 32, learningRate: 1e-4, klCoefficient: 0.02, rank: 8, alpha: 16,
};
const oneThread = { OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', TOKENIZERS_PARALLELISM: 'false', HF_HUB_OFFLINE: '1' };
const run = (program, argv) => {
  const { stdout, stderr, status } = spawnSync(program, argv, { encoding: 'utf8', env: { ...process.env, ...oneThread }, maxBuffer: 1 << 28 });
  const line = (stdout ?? '').trim().split('\n').at(-1);
  if (status === 0) return line?.startsWith('{') ? JSON.parse(line) : {};
  process.stderr.write(`${path.basename(program)}: left out (${(stderr ?? '').trim().split('\n').at(-1)?.slice(0, 300) || 'did not start'})\n`);
  return null;
};

/** Median without the first three, which compile and allocate. */
const median = (rows, of) => rows.slice(3).map(of).sort((a, b) => a - b)[(rows.length - 3) >> 1];
try {
  if (!run(process.execPath, [bundle, 'make', JSON.stringify(setting)])) process.exit(1);
  const own = run(process.execPath, ['--expose-gc', bundle, 'time', JSON.stringify(setting), String(steps)]);
  const peer = run(process.env.PYTHON ?? 'python3', [path.join(here, 'rlhf-step', 'trl_engine.py'), JSON.stringify(setting), String(peerSteps), path.join(work, 'trl')]);
  if (!own) process.exit(1);
  const engines = [{ name: 'ours, wasm', version: `Node ${process.version}`, rows: own.rows }, ...(peer ? [{ name: 'TRL + PEFT, 1 thread', version: peer.version, rows: peer.rows }] : [])];
  const cpu = (rows) => median(rows, ({ cpuMs }) => cpuMs);
  const table = [['engine', 'version', 'steps', 'CPU ms', 'wall ms', 'CPU ÷ ours'], ['---', '---', '---:', '---:', '---:', '---:'], ...engines.map(({ name, version, rows }) => [name, version, String(rows.length), cpu(rows).toFixed(0), median(rows, ({ wallMs }) => wallMs).toFixed(0), (cpu(rows) / cpu(own.rows)).toFixed(2)])];
  process.stdout.write(`One RLHF step: RLOO, ${setting.prompts} prompts × ${setting.samples} samples of up to ${setting.maxNewTokens} tokens, LLaMA of ${(own.parameters / 1e6).toFixed(2)} million parameters, LoRA r ${setting.rank}; medians.\n`);
  process.stdout.write(`${os.cpus()[0].model.trim()}, ${os.availableParallelism()} cores\n\n${table.map((row) => `| ${row.join(' | ')} |`).join('\n')}\n\n`);
  const at = (index) => own.rows[Math.min(own.rows.length - 1, index)];
  const memory = [4, steps >> 1, steps - 1].map((index) => `step ${index + 1}: ${at(index).tensors} tensors, ${(at(index).tensorBytes / 1e6).toFixed(1)} MB in them, ${(at(index).rss / 1e6).toFixed(0)} MB resident`);
  process.stdout.write(`Memory of ours, after a garbage collection: ${memory.join('; ')}.\n`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
