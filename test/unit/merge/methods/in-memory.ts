import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { FloatDtype } from '../../../../src/checkpoint/dtype';
import { dtypeBytes } from '../../../../src/checkpoint/dtype';
import { fromFloat32 } from '../../../../src/checkpoint/safetensors';
import type { MergeKernel } from '../../../../src/merge/kernels/kernel';
import { compileKernels, SimdKernel } from '../../../../src/merge/kernels/simd';
import { findMethod } from '../../../../src/merge/methods/registry';
import type { TensorProgram } from '../../../../src/merge/methods/program';
import { resolveParameters, type ParameterValues } from '../../../../src/merge/methods/parameter';
import { planMerge } from '../../../../src/merge/plan';
import { mergeTensor } from '../../../../src/merge/tensor-merge';

export interface MemoryInput {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly dtype: FloatDtype;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

export interface MemoryMerge {
  readonly method: string;
  readonly inputs: readonly MemoryInput[];
  /** name of an input */
  readonly base?: string | null;
  readonly shape: readonly number[];
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** the first input's by default */
  readonly dtype?: FloatDtype;
  readonly seed?: number;
  /** the product's by default */
  readonly kernel?: MergeKernel;
}

const simdKernel = new SimdKernel(compileKernels());
const zeroForBase = (name: string): ParameterValues => Object.fromEntries(Object.entries(findMethod(name).modelParameters).map(([key, { default: value }]) => [key, value ?? 0]));

/** Merges one tensor as the product does, with its files in memory. */
export function mergeInMemory({ method, inputs, base = null, shape, parameters = {}, dtype = inputs[0].dtype, seed = 0, kernel = simdKernel }: MemoryMerge): Uint8Array {
  const { parameters: table, modelParameters } = findMethod(method);
  const baseIndex = inputs.findIndex(({ name }) => name === base);
  const plan = planMerge({
    inputs: inputs.map(({ name }) => name),
    seed,
    files: [{
      file: 'out', metadata: {},
      tensors: [{
        name: 'w', shape, dtype, method, base: baseIndex < 0 ? null : baseIndex,
        parameters: resolveParameters(table, parameters, method),
        inputs: inputs.map((input, index) => ({
          input: index,
          source: { kind: 'stored', dtype: input.dtype, file: String(index), position: 0 },
          parameters: index === baseIndex ? zeroForBase(method) : resolveParameters(modelParameters, input.parameters ?? {}, input.name),
        })),
      }],
    }],
  });
  const [tensor] = plan.files[0].tensors;
  const out = new Uint8Array(tensor.elements * dtypeBytes[dtype]);
  const files = { read: (file: string, position: number, into: Uint8Array) => into.set(inputs[Number(file)].bytes.subarray(position, position + into.length)) };
  const steps = mergeTensor(tensor, { from: 0, to: tensor.elements }, {
    kernel, files, inputNames: plan.inputs, countInput: () => undefined, countOutput: () => undefined,
    write: (bytes, start) => out.set(bytes, start * dtypeBytes[dtype]),
  });
  for (const done of steps) void done;
  return out;
}

export const f32 = (name: string, values: Float32Array, parameters?: MemoryInput['parameters']): MemoryInput => ({ name, bytes: fromFloat32(values, 'F32'), dtype: 'F32', parameters });

/** The floats that lie in little-endian bytes. */
export const floatsOf = (bytes: Uint8Array): Float32Array => new Float32Array(bytes.slice().buffer);

/** Runs the passes of a program over values in memory, `step` elements at a time. */
export function runPasses(program: TensorProgram, inputs: readonly Float32Array[], step: number): Float32Array {
  if (program.kind === 'copy') return inputs[program.input].slice();
  if (program.kind !== 'passes') throw new Error(`${program.kind} has no passes`);
  const { length } = inputs[0];
  const out = new Float32Array(length);
  const chunks = (use: (chunk: { values: Float32Array[]; start: number }, to: Float32Array) => void) => {
    for (let start = 0; start < length; start += step) use({ values: inputs.map((values) => values.slice(start, start + step)), start }, out.subarray(start, start + step));
  };
  for (const { add, finish } of program.reductions ?? []) {
    chunks(add);
    finish?.();
  }
  chunks((chunk, to) => program.merge(chunk, to));
  return out;
}

export const fixtures = path.join(__dirname, '../../../fixtures/merge/mergekit');

/** The tensors of a small safetensors file, by name. */
export function loadSafetensors(file: string): ReadonlyMap<string, { readonly dtype: FloatDtype; readonly shape: readonly number[]; readonly bytes: Uint8Array }> {
  const content = readFileSync(file);
  const size = Number(content.readBigUInt64LE());
  const header = JSON.parse(content.toString('utf8', 8, 8 + size)) as Record<string, { dtype: FloatDtype; shape: number[]; data_offsets: [number, number] }>;
  return new Map(Object.entries(header).filter(([name]) => name !== '__metadata__').map(([name, { dtype, shape, data_offsets: [begin, end] }]) => [name, { dtype, shape, bytes: content.subarray(8 + size + begin, 8 + size + end) }]));
}
