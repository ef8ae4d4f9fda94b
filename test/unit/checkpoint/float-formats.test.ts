import fc from 'fast-check';
import { fromFloat32, toFloat32 } from '../../../src/checkpoint/float-formats';

const bytesOf = (code: number, size: number) => (size === 2 ? Uint8Array.of(code & 255, code >> 8) : Uint8Array.of(code));

describe('small floats', () => {
  // values published with the formats: IEEE 754-2019 binary16, OCP 8-bit floating point, bfloat16
  test.each([
    ['F16', 0x3c00, 1],
    ['F16', 0x7bff, 65504],
    ['F16', 0x0001, 2 ** -24],
    ['F16', 0xfc00, -Infinity],
    ['BF16', 0x3f80, 1],
    ['BF16', 0x7f7f, 3.3895313892515355e38],
    ['F8_E4M3', 0x7e, 448],
    ['F8_E4M3', 0x01, 2 ** -9],
    ['F8_E5M2', 0x7b, 57344],
    ['F8_E5M2', 0x7c, Infinity],
  ] as const)('%s 0x%s is %d', (dtype, code, value) => {
    const bytes = bytesOf(code, dtype.startsWith('F8') ? 1 : 2);
    expect(toFloat32(bytes, dtype)[0]).toBe(value);
    expect([...fromFloat32(Float32Array.of(value), dtype)]).toEqual([...bytes]);
  });

  test.each([
    ['F16', 2],
    ['BF16', 2],
    ['F8_E4M3', 1],
    ['F8_E5M2', 1],
  ] as const)('every bit pattern of %s survives a round trip (NaN stays NaN)', (dtype, size) => {
    const bytes = new Uint8Array(256 ** size * size);
    for (let code = 0; code < 256 ** size; code++) bytes.set(bytesOf(code, size), code * size);
    const values = toFloat32(bytes, dtype);
    const back = fromFloat32(values, dtype);
    const again = toFloat32(back, dtype);
    for (let index = 0; index < values.length; index++) {
      if (Number.isNaN(values[index])) expect(again[index]).toBeNaN();
      else if (back[index * size] !== bytes[index * size] || back[index * size + size - 1] !== bytes[index * size + size - 1]) throw new Error(`code ${index} came back changed`);
    }
  });

  test.each(['F16', 'BF16', 'F8_E4M3', 'F8_E5M2'] as const)('%s rounds to a nearest neighbour, ties to even', (dtype) => {
    const size = dtype.startsWith('F8') ? 1 : 2;
    const limit = dtype === 'F8_E4M3' ? 0x7e : dtype === 'F8_E5M2' ? 0x7b : dtype === 'F16' ? 0x7bff : 0x7f7f;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: limit - 1 }), (code) => {
        const [low, high] = [code, code + 1].map((bits) => toFloat32(bytesOf(bits, size), dtype)[0]);
        const middle = Math.fround((low + high) / 2);
        const encoded = (value: number) => fromFloat32(Float32Array.of(value), dtype).reduce((bits, byte, index) => bits + byte * 256 ** index, 0);
        expect(encoded(middle)).toBe(code % 2 === 0 ? code : code + 1);
        expect(encoded(Math.fround(low + (high - low) * 0.25))).toBe(code);
        expect(encoded(Math.fround(low + (high - low) * 0.75))).toBe(code + 1);
      }),
    );
  });
});
