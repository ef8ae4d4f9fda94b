import { readFileSync } from 'node:fs';
import path from 'node:path';
import { decodeFloat, encodeFloat, fromFloat32, toFloat32 } from '../../../src/checkpoint/float-formats';

const fixtures = path.join(__dirname, '../../fixtures/safetensors');
const narrow = ['F16', 'BF16', 'F8_E4M3', 'F8_E5M2'] as const;

test.each(narrow)('%s rounds as ml_dtypes does', (dtype) => {
  const casts = JSON.parse(readFileSync(path.join(fixtures, 'casts.json'), 'utf8')) as Record<string, number[]>;
  const values = new Float32Array(Uint32Array.from(casts.patterns).buffer);
  for (const [i, value] of values.entries()) {
    const [ours, theirs] = [encodeFloat(value, dtype), casts[dtype][i]];
    // torch saturates E4M3 where ml_dtypes gives NaN
    if (dtype === 'F8_E4M3' && Math.abs(value) > 464) continue;
    if (Number.isNaN(decodeFloat(theirs, dtype))) expect(decodeFloat(ours, dtype)).toBeNaN();
    else if (ours !== theirs) throw new Error(`${value} (0x${casts.patterns[i].toString(16)}): got ${ours}, ml_dtypes has ${theirs}`);
  }
});

test.each(['F8_E4M3', 'F8_E5M2'] as const)('%s rounds, saturates and keeps NaN as torch does', (dtype) => {
  const casts = JSON.parse(readFileSync(path.join(fixtures, 'casts-torch.json'), 'utf8')) as Record<string, number[]>;
  const values = new Float32Array(Uint32Array.from(casts.patterns).buffer);
  expect([...fromFloat32(values, dtype)]).toEqual(casts[dtype]);
});

test('a bfloat16 is the upper half of a float32', () => {
  const codes = Uint16Array.from({ length: 65536 }, (_, code) => code);
  const values = toFloat32(new Uint8Array(codes.buffer), 'BF16');
  const patterns = new Uint32Array(values.buffer);
  expect(patterns.every((pattern, code) => pattern === code * 65536)).toBe(true);
});

test('bytes at odd addresses are read', () => {
  const bytes = new Uint8Array(9);
  bytes.set(fromFloat32(Float32Array.of(1.5, -2), 'F32'), 1);
  expect([...toFloat32(bytes.subarray(1), 'F32')]).toEqual([1.5, -2]);
});

test('integers take no floats', () => {
  expect(() => fromFloat32(Float32Array.of(1), 'I32')).toThrow(expect.objectContaining({ name: 'NotAFloatDtypeError' }));
});
