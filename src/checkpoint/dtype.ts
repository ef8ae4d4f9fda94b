/** Element types of the safetensors format that are read and written here, with their size in bytes. */
export const dtypeSizes = { F64: 8, F32: 4, F16: 2, BF16: 2, F8_E4M3: 1, F8_E5M2: 1, I64: 8, I32: 4, I16: 2, I8: 1, U64: 8, U32: 4, U16: 2, U8: 1, BOOL: 1 } as const;
export type Dtype = keyof typeof dtypeSizes;

export function isDtype(name: string): name is Dtype {
  return Object.hasOwn(dtypeSizes, name);
}

const floatDtypes: ReadonlySet<Dtype> = new Set(['F64', 'F32', 'F16', 'BF16', 'F8_E4M3', 'F8_E5M2']);

export function isFloat(dtype: Dtype): boolean {
  return floatDtypes.has(dtype);
}

/** A small binary float: 1 sign bit, `exponentBits`, `mantissaBits`; E4M3 has no infinity and one NaN a sign. */
interface SmallFloat {
  readonly exponentBits: number;
  readonly mantissaBits: number;
  readonly hasInfinity: boolean;
}
const smallFloats: Partial<Record<Dtype, SmallFloat>> = {
  F16: { exponentBits: 5, mantissaBits: 10, hasInfinity: true },
  F8_E5M2: { exponentBits: 5, mantissaBits: 2, hasInfinity: true },
  F8_E4M3: { exponentBits: 4, mantissaBits: 3, hasInfinity: false },
};

const tables = new Map<Dtype, Float32Array>();

/** Every value of a small float by its bits; at most 65,536. */
function decodingTable(dtype: Dtype, { exponentBits, mantissaBits, hasInfinity }: SmallFloat): Float32Array {
  const known = tables.get(dtype);
  if (known) return known;
  const bits = 1 + exponentBits + mantissaBits;
  const bias = 2 ** (exponentBits - 1) - 1;
  const topExponent = 2 ** exponentBits - 1;
  const mantissas = 2 ** mantissaBits;
  const table = Float32Array.from({ length: 2 ** bits }, (_, code) => {
    const sign = code >> (bits - 1) ? -1 : 1;
    const exponent = (code >> mantissaBits) & topExponent;
    const mantissa = code % mantissas;
    if (exponent === topExponent && hasInfinity) return mantissa === 0 ? sign * Infinity : NaN;
    if (exponent === topExponent && mantissa === mantissas - 1) return NaN;
    return exponent === 0 ? sign * mantissa * 2 ** (1 - bias - mantissaBits) : sign * (1 + mantissa / mantissas) * 2 ** (exponent - bias);
  });
  tables.set(dtype, table);
  return table;
}

const word = new Float32Array(1);
const wordBits = new Uint32Array(word.buffer);

/** Rounds to the nearest small float, ties to even; overflow gives infinity (E4M3: NaN), as PyTorch's casts do. */
function encodeSmall(value: number, { exponentBits, mantissaBits, hasInfinity }: SmallFloat): number {
  word[0] = value;
  const sign = (wordBits[0] >>> 31) << (exponentBits + mantissaBits);
  const bias = 2 ** (exponentBits - 1) - 1;
  const topExponent = 2 ** exponentBits - 1;
  const magnitude = Math.abs(word[0]);
  const nan = sign | (topExponent << mantissaBits) | (hasInfinity ? 1 << (mantissaBits - 1) : 2 ** mantissaBits - 1);
  if (Number.isNaN(value)) return nan;
  const infinity = hasInfinity ? sign | (topExponent << mantissaBits) : nan;
  if (magnitude === Infinity) return infinity;
  const exponent = Math.max(magnitude === 0 ? -Infinity : Math.floor(Math.log2(magnitude)), 1 - bias);
  // log2 may round up at a power of two: the quotient below is then under 1, which the sum of the two fields still encodes
  const units = roundHalfEven((magnitude / 2 ** exponent) * 2 ** mantissaBits);
  const code = ((exponent + bias - 1) << mantissaBits) + units;
  const largest = hasInfinity ? (topExponent << mantissaBits) - 1 : (topExponent << mantissaBits) + 2 ** mantissaBits - 2;
  return code > largest ? infinity : sign | code;
}

function roundHalfEven(value: number): number {
  const low = Math.floor(value);
  const rest = value - low;
  return rest > 0.5 || (rest === 0.5 && low % 2 === 1) ? low + 1 : low;
}

/** bfloat16 is the upper half of a float32: nearest, ties to even; a NaN stays one. */
function encodeBfloat16(bits: number): number {
  if ((bits & 0x7fffffff) > 0x7f800000) return ((bits >>> 16) | 0x40) & 0xffff;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

/** A copy at an aligned address: typed arrays want it, files do not give it. */
function aligned(bytes: Uint8Array, size: number): Uint8Array {
  return bytes.byteOffset % size === 0 ? bytes : bytes.slice();
}

/**
 * Little-endian bytes of a tensor as float32. Exact for F32, F16, BF16, F8 and integers below 2^24; F64 and larger
 * integers round to nearest.
 */
export function toFloat32(source: Uint8Array, dtype: Dtype): Float32Array {
  const bytes = aligned(source, dtypeSizes[dtype]);
  const { buffer, byteOffset } = bytes;
  const length = bytes.byteLength / dtypeSizes[dtype];
  const small = smallFloats[dtype];
  if (small) {
    const table = decodingTable(dtype, small);
    const codes = dtypeSizes[dtype] === 2 ? new Uint16Array(buffer, byteOffset, length) : bytes;
    return Float32Array.from({ length }, (_, index) => table[codes[index]]);
  }
  switch (dtype) {
    case 'F32':
      return new Float32Array(buffer.slice(byteOffset, byteOffset + bytes.byteLength) as ArrayBuffer);
    case 'BF16': {
      const halves = new Uint16Array(buffer, byteOffset, length);
      const words = new Uint32Array(length);
      for (let index = 0; index < length; index++) words[index] = halves[index] << 16;
      return new Float32Array(words.buffer);
    }
    case 'F64':
      return Float32Array.from(new Float64Array(buffer, byteOffset, length));
    case 'I64':
      return Float32Array.from(new BigInt64Array(buffer, byteOffset, length), Number);
    case 'U64':
      return Float32Array.from(new BigUint64Array(buffer, byteOffset, length), Number);
    case 'I32':
      return Float32Array.from(new Int32Array(buffer, byteOffset, length));
    case 'U32':
      return Float32Array.from(new Uint32Array(buffer, byteOffset, length));
    case 'I16':
      return Float32Array.from(new Int16Array(buffer, byteOffset, length));
    case 'U16':
      return Float32Array.from(new Uint16Array(buffer, byteOffset, length));
    case 'I8':
      return Float32Array.from(new Int8Array(buffer, byteOffset, length));
    default:
      return Float32Array.from(bytes);
  }
}

/** Float32 values as little-endian bytes of a float type, rounded once, to nearest, ties to even. @throws RangeError for other types */
export function fromFloat32(values: Float32Array, dtype: Dtype): Uint8Array {
  const small = smallFloats[dtype];
  if (small) {
    const codes = dtypeSizes[dtype] === 2 ? new Uint16Array(values.length) : new Uint8Array(values.length);
    for (let index = 0; index < values.length; index++) codes[index] = encodeSmall(values[index], small);
    return new Uint8Array(codes.buffer);
  }
  if (dtype === 'F32') return new Uint8Array(values.slice().buffer);
  if (dtype === 'F64') return new Uint8Array(Float64Array.from(values).buffer);
  if (dtype !== 'BF16') throw new RangeError(`float32 values cannot be written as ${dtype}`);
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let index = 0; index < values.length; index++) halves[index] = encodeBfloat16(bits[index]);
  return new Uint8Array(halves.buffer);
}
