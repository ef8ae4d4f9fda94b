import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { dtypeBytes } from '../checkpoint/dtype';
import { throwIfAborted } from '../checkpoint/errors';
import { elementCount } from '../checkpoint/safetensors-header';
import { planAdapterBlend } from './adapters/plan-adapter-blend';
import { requestOf, type BlendOptions } from './blend';
import { executeMerge } from './execute';
import { findMethod } from './methods/registry';
import { planMerge, type MergePlan } from './plan';
import { openBlend, prepareBlend } from './prepare-blend';
import type { MergeRequest, RequestedTensor } from './request';

/** How fast a blend is on this machine: a straight line through what was measured. */
export interface Throughput {
  /** of threads that start, and files that are made */
  readonly fixedSeconds: number;
  /** of the output, merged and written */
  readonly secondsPerByte: number;
  /** of the inputs, hashed for the provenance */
  readonly hashSecondsPerByte: number;
}

/** Output of the smaller and of the larger probe; both are enough for threads. */
const probeBytes = [24e6, 64e6] as const;
const hashedBytes = 8e6;

/**
 * Merges a few of a blend's own tensors, by its own method, into the temporary directory of the system, twice: the
 * difference of a smaller and a larger probe is the throughput, the rest what every merge takes. Nothing is left behind.
 * @throws what `blend` throws before it writes; InterruptedError
 */
export async function measureThroughput(options: Omit<BlendOptions, 'output'>, signal?: AbortSignal): Promise<Throughput> {
  const method = findMethod(options.method ?? 'linear');
  const prepared = await prepareBlend(options, method, await openBlend(options, method));
  const ofAdapters = prepared.adapters && await planAdapterBlend(prepared.inputs, { ...prepared.adapters, rank: null, metadata: {} });
  const request = ofAdapters?.request ?? requestOf(options, prepared, method, {});
  const directory = await mkdtemp(path.join(os.tmpdir(), 'soup-probe-'));
  try {
    const probes: { readonly bytes: number; readonly seconds: number }[] = [];
    for (const bytes of [...probeBytes, ...probeBytes]) {
      throwIfAborted(signal);
      const plan = planMerge(partOf(request, bytes));
      probes.push({ bytes: plan.outBytes, seconds: await secondsOf(plan, path.join(directory, String(probes.length)), signal) });
    }
    return { ...lineThrough(probes), hashSecondsPerByte: hashTime() };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** @param output bytes of the output's tensors, @param inputs bytes that are hashed */
export function estimatedSeconds({ fixedSeconds, secondsPerByte, hashSecondsPerByte }: Throughput, output: number, inputs: number): number {
  return fixedSeconds + secondsPerByte * output + hashSecondsPerByte * inputs;
}

/** From the faster of each probe's two runs; through the origin where both probes are one, because the blend is smaller. */
export function lineThrough(probes: readonly { readonly bytes: number; readonly seconds: number }[]): Pick<Throughput, 'fixedSeconds' | 'secondsPerByte'> {
  const fastest = (bytes: number): number => Math.min(...probes.filter((probe) => probe.bytes === bytes).map(({ seconds }) => seconds));
  const [small, large] = [Math.min(...probes.map(({ bytes }) => bytes)), Math.max(...probes.map(({ bytes }) => bytes))];
  if (small === large) return { fixedSeconds: fastest(small), secondsPerByte: 0 };
  const slope = Math.max(0, (fastest(large) - fastest(small)) / (large - small));
  return slope > 0 ? { fixedSeconds: Math.max(0, fastest(large) - slope * large), secondsPerByte: slope } : { fixedSeconds: 0, secondsPerByte: fastest(large) / large };
}

/** Tensors of the output, from its first on, that make up these bytes, in one file; one alone that is larger is left out where others are there. */
function partOf(request: MergeRequest, bytes: number): MergeRequest {
  const all = request.files.flatMap(({ tensors }) => tensors);
  const sizeOf = ({ shape, dtype }: RequestedTensor): number => elementCount(shape) * dtypeBytes[dtype];
  const part: RequestedTensor[] = [];
  let size = 0;
  for (const tensor of all) {
    if (size >= bytes) break;
    if (sizeOf(tensor) > bytes) continue;
    part.push(tensor);
    size += sizeOf(tensor);
  }
  return { ...request, files: [{ file: 'probe', metadata: {}, tensors: part.length > 0 ? part : all.slice(0, 1) }] };
}

async function secondsOf(plan: MergePlan, directory: string, signal: AbortSignal | undefined): Promise<number> {
  await mkdir(directory);
  const started = performance.now();
  await executeMerge({ plan, directory, allowNan: true, signal });
  return (performance.now() - started) / 1000;
}

function hashTime(): number {
  const data = Buffer.alloc(hashedBytes, 7);
  const started = performance.now();
  createHash('sha256').update(data).digest();
  return (performance.now() - started) / 1000 / hashedBytes;
}
