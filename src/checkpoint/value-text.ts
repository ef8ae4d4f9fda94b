import { dtypeBytes, type Dtype } from './dtype';
import { decodeFloat, decodeInto, encodeFloat } from './float-formats';

/** The nearest value of a type; other types' values are written with all their digits. */
const roundings: Partial<Record<Dtype, (value: number) => number>> = {
  F32: Math.fround,
  F16: (value) => decodeFloat(encodeFloat(value, 'F16'), 'F16'),
  BF16: (value) => decodeFloat(encodeFloat(value, 'BF16'), 'BF16'),
  F8_E5M2: (value) => decodeFloat(encodeFloat(value, 'F8_E5M2'), 'F8_E5M2'),
  F8_E4M3: (value) => decodeFloat(encodeFloat(value, 'F8_E4M3'), 'F8_E4M3'),
};

/** The shortest decimal that reads back as the same value of its type, as numpy prints it (0.1 for the float32 next to it); whole numbers with all their digits. */
export function shortestText(value: number, dtype: Dtype): string {
  const round = roundings[dtype];
  if (Object.is(value, -0)) return '-0';
  if (!round || !Number.isFinite(value) || Number.isInteger(value)) return String(value);
  for (let precision = 1; precision < 17; precision++) {
    const shorter = Number(value.toPrecision(precision));
    if (round(shorter) === value) return String(shorter);
  }
  return String(value);
}

/**
 * Values of little-endian `bytes` of `dtype` as texts, [n], exactly: integers with all digits, floats as short as they
 * can be told apart, complex numbers as `1+2j`, BOOL as true and false.
 * @throws NoValuesError for the packed six-bit formats
 */
export function valueTexts(bytes: Uint8Array, dtype: Dtype): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const eachOf = (size: number, text: (at: number) => string): string[] => Array.from({ length: bytes.byteLength / size }, (_, index) => text(index * size));
  switch (dtype) {
    case 'I64':
      return eachOf(8, (at) => String(view.getBigInt64(at, true)));
    case 'U64':
      return eachOf(8, (at) => String(view.getBigUint64(at, true)));
    case 'BOOL':
      return eachOf(1, (at) => String(bytes[at] !== 0));
    case 'C64':
      return eachOf(8, (at) => complexText(view.getFloat32(at, true), view.getFloat32(at + 4, true)));
    default: {
      const values = new Float64Array(Math.floor(bytes.byteLength / dtypeBytes[dtype]));
      decodeInto(bytes, dtype, values);
      return Array.from(values, (value) => shortestText(value, dtype));
    }
  }
}

function complexText(real: number, imaginary: number): string {
  const text = shortestText(imaginary, 'F32');
  return `${shortestText(real, 'F32')}${text.startsWith('-') ? '' : '+'}${text}j`;
}
