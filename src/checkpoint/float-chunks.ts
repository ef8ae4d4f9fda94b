import { SoupError } from '../errors';
import type { Checkpoint, CheckpointTensor } from './checkpoint';
import { dtypeBytes, isFloatDtype } from './dtype';
import { throwIfAborted } from './errors';
import { decodeInto } from './float-formats';
import { LowRankRows, type FactorRange, type LowRankUpdate } from './low-rank';
import { elementCount } from './safetensors-header';
import { openTensorReader, type TensorReader } from './tensor-reader';

/** A million bytes or two a read: a few milliseconds of arithmetic, so that the event loop stays free. */
export const chunkElements = 1 << 18;

/** The same range of one float tensor in several checkpoints, [checkpoints][n]; the arrays are reused by the next chunk. */
export interface FloatChunk {
  readonly name: string;
  readonly values: readonly (Float32Array | Float64Array)[];
  readonly doneElements: number;
  readonly totalElements: number;
}

/** Names of the float tensors that all checkpoints share in name and shape. @throws CheckpointMismatchError where they differ */
export function sharedFloatTensors(checkpoints: readonly Checkpoint[]): string[] {
  const [first, ...others] = checkpoints;
  for (const other of others) {
    const missing = [...first.tensors.keys()].find((name) => !other.tensors.has(name)) ?? [...other.tensors.keys()].find((name) => !first.tensors.has(name));
    if (missing !== undefined) throw mismatch(`${missing}: only one of ${first.path} and ${other.path} has it`);
    for (const { name, shape } of first.tensors.values()) {
      const otherShape = other.tensors.get(name)?.shape ?? [];
      if (shape.join() !== otherShape.join()) throw mismatch(`${name}: [${shape.join(', ')}] in ${first.path}, [${otherShape.join(', ')}] in ${other.path}`);
    }
  }
  return [...first.tensors.values()].filter(({ name }) => checkpoints.every(({ tensors }) => {
    const tensor = tensors.get(name);
    return tensor !== undefined && isFloatDtype(tensor.dtype);
  })).map(({ name }) => name);
}

function mismatch(what: string): SoupError {
  return new SoupError('CheckpointMismatchError', `${what} — compare checkpoints of one architecture`);
}

/**
 * Streams the float tensors of several checkpoints side by side; memory is bounded by the chunk, not by the model.
 * @throws CheckpointMismatchError, InterruptedError when `signal` is aborted, and what reading throws
 */
export async function* floatChunks(checkpoints: readonly Checkpoint[], signal?: AbortSignal): AsyncGenerator<FloatChunk> {
  const names = sharedFloatTensors(checkpoints);
  const counts = names.map((name) => elementCount(checkpoints[0].tensors.get(name)?.shape ?? []));
  const totalElements = counts.reduce((sum, count) => sum + count, 0);
  let doneElements = 0;
  const reader = openTensorReader();
  const updates = new Map<LowRankUpdate, LowRankRows>();
  const room = Math.min(chunkElements, Math.max(0, ...counts));
  const bytes = new Uint8Array(8 * room);
  const singles = checkpoints.map(() => new Float32Array(room));
  const doubles = new Map<number, Float64Array>();
  try {
    for (const [tensorIndex, name] of names.entries()) {
      updates.clear();
      for (let start = 0; start < counts[tensorIndex]; start += chunkElements) {
        throwIfAborted(signal);
        const length = Math.min(chunkElements, counts[tensorIndex] - start);
        const values: (Float32Array | Float64Array)[] = [];
        for (const [index, { tensors }] of checkpoints.entries()) {
          const tensor = tensors.get(name);
          if (!tensor) continue;
          const size = dtypeBytes[tensor.dtype];
          const source = bytes.subarray(0, length * size);
          await reader.read(tensor, start * size, source);
          if (tensor.dtype === 'F64' && !doubles.has(index)) doubles.set(index, new Float64Array(room));
          const into = ((tensor.dtype === 'F64' && doubles.get(index)) || singles[index]).subarray(0, length);
          decodeInto(source, tensor.dtype, into);
          for (const update of await updatesOf(tensor, reader, updates)) update.addTo(into, start);
          values.push(into);
        }
        doneElements += length;
        yield { name, values, doneElements, totalElements };
      }
    }
  } finally {
    await reader.close();
  }
}

/** What adapters add to a tensor; factors are read once a tensor. */
async function updatesOf({ updates = [], shape }: CheckpointTensor, reader: TensorReader, opened: Map<LowRankUpdate, LowRankRows>): Promise<LowRankRows[]> {
  const rows: LowRankRows[] = [];
  for (const update of updates) {
    let adding = opened.get(update);
    if (!adding) {
      const rows = Math.ceil(elementCount(shape) / update.columns);
      const [right, left] = LowRankRows.sizes(update, rows).map((size) => new Float64Array(size));
      adding = new LowRankRows(update, [right, left]);
      adding.setRight(await readFactors(adding.rightRanges(), reader));
      const window = adding.windowAt(0);
      adding.setLeft(window, await readFactors(adding.leftRanges(window), reader));
      opened.set(update, adding);
    }
    rows.push(adding);
  }
  return rows;
}

async function readFactors(ranges: readonly FactorRange[], reader: TensorReader): Promise<Uint8Array[]> {
  const read: Uint8Array[] = [];
  for (const { tensor, byteOffset, byteLength } of ranges) {
    const bytes = new Uint8Array(byteLength);
    await reader.read(tensor, byteOffset, bytes);
    read.push(bytes);
  }
  return read;
}
