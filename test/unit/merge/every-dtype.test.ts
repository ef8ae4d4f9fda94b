import fc from 'fast-check';
import { dtypeBytes, type FloatDtype } from '../../../src/checkpoint/dtype';
import { mergeInMemory } from './methods/in-memory';

const floats: readonly FloatDtype[] = ['F64', 'F32', 'F16', 'BF16', 'F8_E4M3', 'F8_E5M2'];
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const elements = 24;
/** Any bits: NaN with payloads, infinities, −0 and subnormals among them. */
const bits = (dtype: FloatDtype) => fc.uint8Array({ minLength: elements * dtypeBytes[dtype], maxLength: elements * dtypeBytes[dtype] });

describe.each(floats)('λ = eᵢ gives expert i, of whatever bits: %s', (dtype) => {
  test.each(['linear', 'task_arithmetic', 'ties', 'dare_ties', 'breadcrumbs', 'multislerp', 'nuslerp', 'warp'])('%s', (method) => {
    fc.assert(fc.property(fc.tuple(bits(dtype), bits(dtype), bits(dtype)), fc.constantFrom(0, 1), ([a, b, base], only) => {
      const experts = [a, b].map((bytes, i) => ({ name: `e${i}`, bytes, dtype, parameters: { weight: i === only ? 1 : 0 } }));
      const inputs = method === 'linear' ? experts : [{ name: 'base', bytes: base, dtype }, ...experts];
      expect(hex(mergeInMemory({ method, inputs, base: 'base', shape: [4, 6] }))).toBe(hex([a, b][only]));
    }), { numRuns: 40 });
  });
});
