// AssemblyScript (not TypeScript): vector constants, read from memory.
//
// V8 builds a v128 constant anew wherever it stands, loops included; one that was loaded before the loop is an ordinary
// value and stays in a register. Loading makes the kernels 1.25 to 2.4 times as fast.

const table: usize = memory.data<u32>([
  0x7fff, 0x7fff, 0x7fff, 0x7fff,
  1, 1, 1, 1,
  0x7fff7fff, 0x7fff7fff, 0x7fff7fff, 0x7fff7fff,
  0xffff0000, 0xffff0000, 0xffff0000, 0xffff0000,
  0x8fffe000, 0x8fffe000, 0x8fffe000, 0x8fffe000,
  0x7f800000, 0x7f800000, 0x7f800000, 0x7f800000,
  0x38800000, 0x38800000, 0x38800000, 0x38800000,
  0x06c00000, 0x06c00000, 0x06c00000, 0x06c00000,
  0x3c003c00, 0x3c003c00, 0x3c003c00, 0x3c003c00,
  0x80008000, 0x80008000, 0x80008000, 0x80008000,
  0x04000400, 0x04000400, 0x04000400, 0x04000400,
  0x77800000, 0x77800000, 0x77800000, 0x77800000,
  0xed5ad4bb, 0xed5ad4bb, 0xed5ad4bb, 0xed5ad4bb,
  0xac4c1b51, 0xac4c1b51, 0xac4c1b51, 0xac4c1b51,
  0x31848bab, 0x31848bab, 0x31848bab, 0x31848bab,
  0x00002000, 0x00002000, 0x00002000, 0x00002000,
], 16);

/** Just under half of a bf16's last place, in float32 bits. */
@inline export function halfPlace(): v128 { return v128.load(table, 0); }
@inline export function ones(): v128 { return v128.load(table, 16); }
/** Everything but the sign, in lanes of 16 bits. */
@inline export function magnitude16(): v128 { return v128.load(table, 32); }
@inline export function highHalf(): v128 { return v128.load(table, 48); }
/** Sign, five bits of exponent and ten of mantissa where a shifted f16 has them in float32. */
@inline export function shiftedHalf(): v128 { return v128.load(table, 64); }
@inline export function exponentBits(): v128 { return v128.load(table, 80); }
/** 2^-14, the smallest normal f16, in float32 bits. */
@inline export function smallestNormalHalf(): v128 { return v128.load(table, 96); }
/** Added to the bits of 2^e: 1.5 · 2^(e + 13), whose last place is an f16's at exponent e. */
@inline export function roundingShift(): v128 { return v128.load(table, 112); }
/** f16's exponent bias against float32's, less one step, where an f16 has it, in lanes of 16 bits. */
@inline export function rebiasHalf(): v128 { return v128.load(table, 128); }
@inline export function sign16(): v128 { return v128.load(table, 144); }
/** One step of an f16's exponent: added to a magnitude, the sign bit shows Inf and NaN. */
@inline export function exponentStep16(): v128 { return v128.load(table, 160); }
/** 2^112 */
@inline export function halfUnscale(): v128 { return v128.load(table, 176); }
/** Factors of the hash triple32. */
@inline export function mixFirst(): v128 { return v128.load(table, 192); }
@inline export function mixSecond(): v128 { return v128.load(table, 208); }
@inline export function mixThird(): v128 { return v128.load(table, 224); }
/** Times this, the even one of two 16-bit lanes is shifted by 13 in 32 bits, its sign extended, and the odd one is nothing. */
@inline export function evenShift(): v128 { return v128.load(table, 240); }
