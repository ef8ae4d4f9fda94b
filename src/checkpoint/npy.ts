import { SoupError } from '../errors';
import type { ByteSource } from './byte-source';
import { dtypeBytes, type Dtype } from './dtype';
import { decodeInto } from './float-formats';
import type { SafetensorsHeader, TensorInfo } from './safetensors-header';
import { sliceShape, type AxisRange } from './slice';
import { sliceBytes, type SliceBytes } from './slice-reader';

/** numpy's names of the types that it has; all others are widened to float32, which holds each of their values. */
const numpyTypes: Partial<Record<Dtype, string>> = {
  BOOL: '|b1', U8: '|u1', I8: '|i1', U16: '<u2', I16: '<i2', U32: '<u4', I32: '<i4', U64: '<u8', I64: '<i8', F16: '<f2', F32: '<f4', F64: '<f8', C64: '<c8',
};

/**
 * The bytes before the data of a `.npy` file: magic, version 1.0, and a Python dictionary padded with spaces to a
 * multiple of 64 bytes, as numpy's `numpy.lib.format` writes it.
 * @param descr type in numpy's notation
 */
export function npyHeader(descr: string, shape: readonly number[]): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const dictionary = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const size = Math.ceil((10 + dictionary.length + 1) / 64) * 64;
  const bytes = new Uint8Array(size).fill(0x20);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]); // \x93NUMPY
  new DataView(bytes.buffer).setUint16(8, size - 10, true);
  bytes.set(new TextEncoder().encode(dictionary), 10);
  bytes[size - 1] = 0x0a;
  return bytes;
}

/**
 * A slice of a tensor as a `.npy` file, piece by piece. Types that numpy lacks (BF16, 8-bit and 4-bit floats) become
 * float32 without loss.
 * @throws NoValuesError for the packed six-bit formats, and what reading throws
 */
export async function* npyPieces(source: ByteSource, header: Pick<SafetensorsHeader, 'dataOffset'>, tensor: TensorInfo, ranges: readonly AxisRange[]): AsyncGenerator<Uint8Array> {
  const { dtype } = tensor;
  if (dtype === 'F6_E2M3' || dtype === 'F6_E3M2') throw new SoupError('NoValuesError', `${tensor.name}: ${dtype} names no order for its packed bits — convert the tensor to F32 to export it`);
  const descr = numpyTypes[dtype];
  yield npyHeader(descr ?? '<f4', sliceShape(ranges));
  for await (const piece of sliceBytes(source, header, tensor, ranges)) yield descr ? piece.bytes : widened(piece, dtype);
}

function widened({ bytes, skip, count }: SliceBytes, dtype: Dtype): Uint8Array {
  const values = new Float32Array(Math.floor(bytes.byteLength / dtypeBytes[dtype]));
  decodeInto(bytes, dtype, values);
  return new Uint8Array(values.buffer, 4 * skip, 4 * count);
}
