// One measured run in a process of its own; prints one line of JSON. See ../merge.mjs.
import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { openCheckpoint } from '../../src/checkpoint/checkpoint';
import { dtypeBytes, parseFloatDtype, type FloatDtype } from '../../src/checkpoint/dtype';
import { encodeInto } from '../../src/checkpoint/float-formats';
import { nameCheckpoints } from '../../src/checkpoint/names';
import { createSafetensors } from '../../src/checkpoint/safetensors';
import { blend } from '../../src/merge/blend';
import { blendParameters } from '../../src/merge/blend-parameters';
import { blendRequest } from '../../src/merge/blend-request';
import { executeMerge } from '../../src/merge/execute';
import { mergeFromConfig } from '../../src/merge/mergekit/merge';
import { linear } from '../../src/merge/methods/linear';
import { planMerge } from '../../src/merge/plan';
import { arithmeticSeconds } from './arithmetic';
import { copyOnly } from './copy';

const llama = { hidden_size: 1024, intermediate_size: 2816, vocab_size: 16000, num_attention_heads: 16, num_key_value_heads: 16 };

/** Names and shapes of a Llama of about `sizeBytes`. */
function tensorsOf(sizeBytes: number, dtype: FloatDtype): { layers: number; tensors: { name: string; dtype: FloatDtype; shape: number[] }[] } {
  const { hidden_size: h, intermediate_size: m, vocab_size: v } = llama;
  const layers = Math.max(1, Math.round((sizeBytes / dtypeBytes[dtype] - 2 * v * h) / (4 * h * h + 3 * h * m)));
  const of = (name: string, ...shape: number[]) => ({ name: `${name}.weight`, dtype, shape });
  const tensors = [of('model.embed_tokens', v, h), of('lm_head', v, h), of('model.norm', h)];
  for (let i = 0; i < layers; i++) {
    const at = `model.layers.${i}`;
    for (const projection of ['q', 'k', 'v', 'o']) tensors.push(of(`${at}.self_attn.${projection}_proj`, h, h));
    tensors.push(of(`${at}.mlp.gate_proj`, m, h), of(`${at}.mlp.up_proj`, m, h), of(`${at}.mlp.down_proj`, h, m), of(`${at}.input_layernorm`, h), of(`${at}.post_attention_layernorm`, h));
  }
  return { layers, tensors };
}

/** A LoRA adapter of rank 64 for every projection of a Llama of about `sizeBytes` in bf16. */
async function makeAdapter(directory: string, base: string, seed: number, sizeBytes: number): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const rank = 64;
  const modules = tensorsOf(sizeBytes, 'BF16').tensors.filter(({ name }) => name.includes('_proj'));
  const tensors = modules.flatMap(({ name, shape: [outputs, inputs] }) => [['lora_A', [rank, inputs]], ['lora_B', [outputs, rank]]].map(([factor, shape]) => ({ name: `base_model.model.${name.replace(/weight$/, `${factor as string}.weight`)}`, dtype: 'F32' as const, shape: shape as number[] })));
  writeFileSync(path.join(directory, 'adapter_config.json'), JSON.stringify({ peft_type: 'LORA', r: rank, lora_alpha: 2 * rank, bias: 'none', task_type: 'CAUSAL_LM', base_model_name_or_path: base, target_modules: ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'] }));
  const values = normal(seed, rank * Math.max(llama.intermediate_size, llama.hidden_size));
  const writer = await createSafetensors(path.join(directory, 'adapter_model.safetensors'), tensors, { format: 'pt' });
  let at = 0;
  for (const { shape: [rows, columns] } of tensors) {
    const bytes = new Uint8Array(values.buffer, 0, 4 * rows * columns);
    await writer.write(bytes, at);
    at += bytes.length;
  }
  await writer.finish();
}

/** Near-normal values: base ~ N(0, 0.02²), expert = base + N(0, 0.002²). A block is drawn once and rotated, so that making gigabytes takes seconds. */
async function make(directory: string, expert: number, dtype: FloatDtype, sizeBytes: number): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const { layers, tensors } = tensorsOf(sizeBytes, dtype);
  writeFileSync(path.join(directory, 'config.json'), JSON.stringify({ architectures: ['LlamaForCausalLM'], model_type: 'llama', ...llama, num_hidden_layers: layers, rms_norm_eps: 1e-6, max_position_embeddings: 2048, hidden_act: 'silu', tie_word_embeddings: false, torch_dtype: { BF16: 'bfloat16', F16: 'float16', F32: 'float32' }[dtype as 'F32'] }));
  const block = 1 << 21;
  const [base, change] = [normal(1, block), normal(2 + expert, block)];
  const values = new Float32Array(block).map((_, i) => 0.02 * base[i] + (expert === 0 ? 0 : 0.002 * change[i]));
  const bytes = new Uint8Array(block * dtypeBytes[dtype]);
  encodeInto(values, dtype, bytes);
  const file = path.join(directory, 'model.safetensors');
  rmSync(file, { force: true });
  const writer = await createSafetensors(file, tensors, { format: 'pt' });
  const total = tensors.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0) * dtypeBytes[dtype];
  for (let at = 0; at < total; at += bytes.length) await writer.write(bytes.subarray(0, Math.min(bytes.length, total - at)), at);
  await writer.finish();
}

function normal(seed: number, count: number): Float32Array {
  let state = (seed * 0x9e3779b9) | 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let hash = Math.imul(state ^ (state >>> 15), 1 | state);
    hash = (hash + Math.imul(hash ^ (hash >>> 7), 61 | hash)) ^ hash;
    return ((hash ^ (hash >>> 14)) >>> 0) / 2 ** 32;
  };
  // a sum of four uniforms is near enough for a benchmark
  return new Float32Array(count).map(() => (uniform() + uniform() + uniform() + uniform() - 2) * Math.sqrt(3));
}

/** The engine alone: no hashes, no waiting for the disk unless asked, as the PyTorch way has neither. */
async function linearMerge(output: string, inputs: readonly string[], isDurable: boolean): Promise<void> {
  const checkpoints = nameCheckpoints(await Promise.all(inputs.map(openCheckpoint)));
  const parameters = blendParameters(linear, checkpoints.map(({ name }) => name), { weights: inputs.map(() => 1 / inputs.length) });
  const plan = planMerge(blendRequest(checkpoints, { method: linear, parameters, base: null, dtype: null, metadata: { format: 'pt' } }));
  mkdirSync(output, { recursive: true });
  await executeMerge({ plan, directory: output, allowNan: false, isDurable });
}

/** Copy in memory, write and read of a file of `sizeBytes` in 1 MB pieces, and SHA-256, in one thread, GB/s. */
function limits(file: string, sizeBytes: number): Record<string, number> {
  const gigabytes = sizeBytes / 1e9;
  const timed = (work: () => void): number => {
    const started = performance.now();
    work();
    return (1000 * gigabytes) / (performance.now() - started);
  };
  const [a, b] = [Buffer.alloc(64 << 20, 1), Buffer.alloc(64 << 20, 2)];
  const memcpy = timed(() => {
    for (let done = 0; done < sizeBytes; done += a.length) a.copy(b, 0, 0, Math.min(a.length, sizeBytes - done));
  });
  const piece = a.subarray(0, 1 << 20);
  const descriptor = openSync(file, 'w+');
  const write = timed(() => {
    for (let at = 0; at < sizeBytes; at += piece.length) writeSync(descriptor, piece, 0, piece.length, at);
    fsyncSync(descriptor);
  });
  const read = timed(() => {
    for (let at = 0; at < sizeBytes; at += piece.length) readSync(descriptor, piece, 0, piece.length, at);
  });
  closeSync(descriptor);
  rmSync(file);
  const hash = createHash('sha256');
  const sha256 = timed(() => {
    for (let at = 0; at < sizeBytes; at += piece.length) hash.update(piece);
  });
  return { memcpy, 'write, synced': write, 'read, cached': read, 'SHA-256': sha256 };
}

/**
 * Uses memory as a process and as a cache of files does, and frees it: a virtual machine may have to ask its host for
 * what was free for a while, which takes longer than a merge and would be in the time of whoever comes first. Then reads
 * the inputs, so that they are in the page cache.
 */
function touch(file: string, sizeBytes: number, inputs: readonly string[]): void {
  Buffer.alloc(3 * sizeBytes, 1);
  const piece = Buffer.alloc(1 << 20, 1);
  const descriptor = openSync(file, 'w');
  for (let at = 0; at < 2 * sizeBytes; at += piece.length) writeSync(descriptor, piece);
  closeSync(descriptor);
  rmSync(file);
  for (const input of inputs) {
    const source = openSync(input, 'r');
    while (readSync(source, piece) > 0);
    closeSync(source);
  }
}

/** Milliseconds until a new thread says something. */
async function threadStart(): Promise<number> {
  const started = performance.now();
  await new Promise((resolve, reject) => new Worker("require('node:worker_threads').parentPort.postMessage(0)", { eval: true }).on('error', reject).on('message', resolve));
  return performance.now() - started;
}

async function main([mode, ...rest]: readonly string[]): Promise<void> {
  if (mode === 'make') return make(rest[0], Number(rest[1]), parseFloatDtype(rest[2]), Number(rest[3]));
  if (mode === 'make-adapter') return makeAdapter(rest[0], rest[1], Number(rest[2]), Number(rest[3]));
  if (mode === 'limits') return void process.stdout.write(`${JSON.stringify({ speeds: limits(rest[0], Number(rest[1])), threadStartMs: await threadStart() })}\n`);
  if (mode === 'touch') return touch(rest[0], Number(rest[1]), rest.slice(2));
  if (mode === 'arithmetic') return printResult(await arithmeticSeconds({ dtype: parseFloatDtype(rest[0]), experts: Number(rest[1]), sizeBytes: Number(rest[2]), threads: Number(rest[3]) }));
  const started = performance.now();
  const before = process.cpuUsage();
  if (mode === 'copy' || mode === 'copy-direct') await copyOnly(rest[0], rest.slice(1), { threads: mode === 'copy' ? os.availableParallelism() : 4, isDirect: mode === 'copy-direct' });
  else if (mode === 'adapters') await blend({ output: rest[0], inputs: rest.slice(3), weights: [0.5, 0.5], space: rest[1] as 'delta', ...(rest[2] === '' ? {} : { base: rest[2], mergeIntoBase: true }) });
  else if (mode === 'config' || mode === 'config-durable') await mergeFromConfig({ config: rest[0], output: rest[1], isDurable: mode === 'config-durable' });
  else await linearMerge(rest[0], rest.slice(1), mode === 'linear-durable');
  printResult((performance.now() - started) / 1000, before);
}

/** @param before the processor's time at the start; that of the whole process is not asked for where the arithmetic is measured */
function printResult(seconds: number, before?: NodeJS.CpuUsage): void {
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(`${JSON.stringify({ seconds, cpuSeconds: before ? (user + system) / 1e6 : null, peakMegabytes: process.resourceUsage().maxRSS / 1024 })}\n`);
}

void main(process.argv.slice(2));
