import { SoupError } from '../errors';
import { dtypeBytes, isFloatDtype, type Dtype, type FloatDtype } from './dtype';

const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);

/** A float format narrower than float32. `maxFinite` and `overflow` are codes without the sign; `overflow` is Inf or, in formats without one, the largest value. */
interface NarrowFormat {
  readonly exponentBits: number;
  readonly mantissaBits: number;
  readonly maxFinite: number;
  readonly overflow: number;
  readonly nan: number;
}

const formats = {
  F16: { exponentBits: 5, mantissaBits: 10, maxFinite: 0x7bff, overflow: 0x7c00, nan: 0x7e00 },
  BF16: { exponentBits: 8, mantissaBits: 7, maxFinite: 0x7f7f, overflow: 0x7f80, nan: 0x7fc0 },
  // OCP 8-bit formats as torch 2.12 and later cast to them: E5M2 overflows to Inf; E4M3 has none and saturates at 448, even from Inf
  F8_E5M2: { exponentBits: 5, mantissaBits: 2, maxFinite: 0x7b, overflow: 0x7c, nan: 0x7f },
  F8_E4M3: { exponentBits: 4, mantissaBits: 3, maxFinite: 0x7e, overflow: 0x7e, nan: 0x7f },
} as const satisfies Record<string, NarrowFormat>;
type NarrowDtype = keyof typeof formats;

/**
 * Code of a float32 in a narrower format, rounded to nearest, ties to even; NaN stays NaN (its payload may change).
 * Matches torch's casts for f16, bf16, float8_e5m2 and float8_e4m3fn.
 */
export function encodeFloat(value: number, dtype: NarrowDtype): number {
  float[0] = value;
  return narrow(bits[0], formats[dtype]);
}

function narrow(pattern: number, { exponentBits, mantissaBits, maxFinite, overflow, nan }: NarrowFormat): number {
  const sign = (pattern >>> 31) << (exponentBits + mantissaBits);
  const magnitude = pattern & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | nan;
  if (magnitude === 0x7f800000) return sign | overflow;
  const bias = (1 << (exponentBits - 1)) - 1;
  const exponent = magnitude >>> 23;
  const isSubnormal = exponent <= 127 - bias;
  // A subnormal result is a multiple of 2^(1 - bias - mantissaBits); float32's own subnormals have no hidden one and exponent 1.
  const mantissa = exponent === 0 ? magnitude : (magnitude & 0x7fffff) | 0x800000;
  const shift = isSubnormal ? 151 - bias - mantissaBits - Math.max(exponent, 1) : 23 - mantissaBits;
  if (shift > 24) return sign;
  const source = isSubnormal ? mantissa : magnitude - ((127 - bias) << 23);
  const rounded = (source + (1 << (shift - 1)) - 1 + ((source >>> shift) & 1)) >>> shift;
  return sign | (rounded > maxFinite ? overflow : rounded);
}

/** Value of a code in a narrow format, exactly. */
export function decodeFloat(code: number, dtype: NarrowDtype): number {
  const { exponentBits, mantissaBits, overflow, maxFinite }: NarrowFormat = formats[dtype];
  const width = exponentBits + mantissaBits;
  const sign = code >>> width ? -1 : 1;
  const magnitude = code & ((1 << width) - 1);
  if (magnitude > maxFinite) return magnitude === overflow && dtype !== 'F8_E4M3' ? sign * Infinity : NaN;
  const bias = (1 << (exponentBits - 1)) - 1;
  const exponent = magnitude >>> mantissaBits;
  const mantissa = magnitude & ((1 << mantissaBits) - 1);
  const scale = 2 ** (Math.max(exponent, 1) - bias - mantissaBits);
  return sign * (exponent === 0 ? mantissa : mantissa + (1 << mantissaBits)) * scale;
}

/** Value of a code of the formats of AMD and Graphcore: no Inf, no −0, whose code is NaN, and a bias that is greater by one. */
function decodeFnuz(code: number, mantissaBits: number): number {
  if (code === 0x80) return NaN;
  const magnitude = code & 0x7f;
  const exponent = magnitude >>> mantissaBits;
  const hidden = exponent === 0 ? 0 : 1 << mantissaBits;
  const scale = 2 ** (Math.max(exponent, 1) - (1 << (6 - mantissaBits)) - mantissaBits);
  return (code > 0x7f ? -1 : 1) * ((magnitude & ((1 << mantissaBits) - 1)) + hidden) * scale;
}

/** Formats of one byte that are read and never written. */
const readOnlyFormats = {
  // the scales of the OCP microscaling formats: a bare exponent
  F8_E8M0: (code: number) => (code === 0xff ? NaN : 2 ** (code - 127)),
  F8_E4M3FNUZ: (code: number) => decodeFnuz(code, 3),
  F8_E5M2FNUZ: (code: number) => decodeFnuz(code, 2),
} as const;
type TabledDtype = NarrowDtype | keyof typeof readOnlyFormats;

const decodeTables = new Map<TabledDtype, Float32Array>();

/** Every code's value, [256] or [65536]. */
function decodeTable(dtype: TabledDtype): Float32Array {
  let table = decodeTables.get(dtype);
  if (!table) {
    const decode = isNarrow(dtype) ? (code: number) => decodeFloat(code, dtype) : readOnlyFormats[dtype];
    table = Float32Array.from({ length: 1 << (8 * dtypeBytes[dtype]) }, (_, code) => decode(code));
    decodeTables.set(dtype, table);
  }
  return table;
}

interface TypedArrayConstructor<T> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): T;
}

/** `bytes` as elements; a copy where the bytes do not lie on an element boundary, which happens in files of mixed dtypes. */
function elementsOf<T>(bytes: Uint8Array, constructor: TypedArrayConstructor<T>): T {
  const size = constructor.BYTES_PER_ELEMENT;
  const source = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  return new constructor(source.buffer, source.byteOffset, Math.floor(source.byteLength / size));
}

/** How each dtype's bytes are read as numbers; 64-bit integers lose what a double cannot hold. */
const numbersOf: Readonly<Record<Exclude<Dtype, TabledDtype | ValuelessDtype>, (bytes: Uint8Array) => ArrayLike<number>>> = {
  F64: (bytes) => elementsOf(bytes, Float64Array),
  F32: (bytes) => elementsOf(bytes, Float32Array),
  I64: (bytes) => Array.from(elementsOf(bytes, BigInt64Array), Number),
  U64: (bytes) => Array.from(elementsOf(bytes, BigUint64Array), Number),
  I32: (bytes) => elementsOf(bytes, Int32Array),
  U32: (bytes) => elementsOf(bytes, Uint32Array),
  I16: (bytes) => elementsOf(bytes, Int16Array),
  U16: (bytes) => elementsOf(bytes, Uint16Array),
  I8: (bytes) => elementsOf(bytes, Int8Array),
  U8: (bytes) => bytes,
  BOOL: (bytes) => bytes,
  // two a byte, the lower half first, as torch.float4_e2m1fn_x2
  F4: (bytes) => Float32Array.from({ length: 2 * bytes.length }, (_, i) => fourBitValues[i % 2 ? bytes[i >> 1] >> 4 : bytes[i >> 1] & 15]),
};

/** Without one number an element that every reader agrees on: the format names no order for six packed bits. */
const valuelessDtypes = ['F6_E2M3', 'F6_E3M2', 'C64'] as const;
type ValuelessDtype = (typeof valuelessDtypes)[number];

function isValueless(dtype: Dtype): dtype is ValuelessDtype {
  return (valuelessDtypes as readonly Dtype[]).includes(dtype);
}

function isNarrow(dtype: Dtype): dtype is NarrowDtype {
  return dtype in formats;
}

function isTabled(dtype: Dtype): dtype is TabledDtype {
  return isNarrow(dtype) || dtype in readOnlyFormats;
}

const fourBitValues = [0, 0.5, 1, 1.5, 2, 3, 4, 6, -0, -0.5, -1, -1.5, -2, -3, -4, -6];

/**
 * Fills `into` with the values of `bytes`, [n] elements of `dtype`: exact for every float format but F64 into float32.
 * @throws NoValuesError for C64 and the packed six-bit formats
 */
export function decodeInto(bytes: Uint8Array, dtype: Dtype, into: Float32Array | Float64Array): void {
  if (dtype === 'BF16' && into instanceof Float32Array) {
    const codes = elementsOf(bytes, Uint16Array);
    const patterns = new Uint32Array(into.buffer, into.byteOffset, codes.length);
    for (let i = 0; i < codes.length; i++) patterns[i] = codes[i] << 16;
  } else if (isTabled(dtype)) {
    const table = decodeTable(dtype);
    const codes = dtypeBytes[dtype] === 1 ? bytes : elementsOf(bytes, Uint16Array);
    for (let i = 0; i < codes.length; i++) into[i] = table[codes[i]];
  } else if (isValueless(dtype)) {
    throw new SoupError('NoValuesError', `${dtype}: its elements are no single numbers — convert the tensor to F32 to see its values`);
  } else {
    into.set(numbersOf[dtype](bytes));
  }
}

/** Writes `values`, [n], into `bytes` as `dtype`: one rounding, to nearest, ties to even. */
export function encodeInto(values: Float32Array | Float64Array, dtype: FloatDtype, bytes: Uint8Array): void {
  if (dtype === 'F32' || dtype === 'F64') {
    const same = (dtype === 'F32') === values instanceof Float32Array;
    const source = same ? values : dtype === 'F32' ? Float32Array.from(values) : Float64Array.from(values);
    bytes.set(new Uint8Array(source.buffer, source.byteOffset, source.byteLength));
    return;
  }
  const format: NarrowFormat = formats[dtype];
  // A double is rounded to float32 on the way: narrow outputs of F64 tensors are rounded twice, as torch does.
  const singles = values instanceof Float32Array ? values : Float32Array.from(values);
  const patterns = new Uint32Array(singles.buffer, singles.byteOffset, singles.length);
  const isByte = dtypeBytes[dtype] === 1;
  for (let i = 0; i < patterns.length; i++) {
    const code = narrow(patterns[i], format);
    if (isByte) bytes[i] = code;
    else {
      bytes[2 * i] = code;
      bytes[2 * i + 1] = code >>> 8;
    }
  }
}

/** Values of little-endian `bytes` of `dtype` as float32, [n]. Exact for F32 and narrower floats; other types are rounded to nearest. */
export function toFloat32(bytes: Uint8Array, dtype: Dtype): Float32Array {
  const values = new Float32Array(Math.floor(bytes.byteLength / dtypeBytes[dtype]));
  decodeInto(bytes, dtype, values);
  return values;
}

/**
 * `values`, [n], as little-endian bytes of a float dtype, rounded to nearest, ties to even.
 * @throws NotAFloatDtypeError for integer types and BOOL
 */
export function fromFloat32(values: Float32Array, dtype: Dtype): Uint8Array {
  if (!isFloatDtype(dtype)) throw new SoupError('NotAFloatDtypeError', `${dtype}: cannot hold float values — choose F32, F16 or BF16`);
  const bytes = new Uint8Array(values.length * dtypeBytes[dtype]);
  encodeInto(values, dtype, bytes);
  return bytes;
}
