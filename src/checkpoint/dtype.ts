import { unknownDtype } from './errors';

/** Element types of the safetensors format, in the order in which the reference writer lays tensors out (last first). */
export const dtypes = ['BOOL', 'U8', 'I8', 'F8_E5M2', 'F8_E4M3', 'I16', 'U16', 'F16', 'BF16', 'I32', 'U32', 'F32', 'F64', 'I64', 'U64'] as const;
export type Dtype = (typeof dtypes)[number];

const floatDtypes = ['F64', 'F32', 'F16', 'BF16', 'F8_E4M3', 'F8_E5M2'] as const;
export type FloatDtype = (typeof floatDtypes)[number];

/** Types that newer versions of the format define and that are refused by name: packed or without a JavaScript value. */
export const unsupportedDtypes: readonly string[] = ['F4', 'F6_E2M3', 'F6_E3M2', 'F8_E8M0', 'F8_E4M3FNUZ', 'F8_E5M2FNUZ', 'C64'];

/** Bytes of one element. */
export const dtypeBytes: Readonly<Record<Dtype, number>> = {
  BOOL: 1, U8: 1, I8: 1, F8_E5M2: 1, F8_E4M3: 1, I16: 2, U16: 2, F16: 2, BF16: 2, I32: 4, U32: 4, F32: 4, F64: 8, I64: 8, U64: 8,
};

const aliases: Readonly<Record<string, FloatDtype>> = {
  float64: 'F64', fp64: 'F64', double: 'F64', float32: 'F32', fp32: 'F32', float: 'F32', float16: 'F16', fp16: 'F16', half: 'F16',
  bfloat16: 'BF16', float8_e4m3fn: 'F8_E4M3', float8_e4m3: 'F8_E4M3', float8_e5m2: 'F8_E5M2',
};

export function isDtype(name: unknown): name is Dtype {
  return (dtypes as readonly unknown[]).includes(name);
}

export function isFloatDtype(dtype: Dtype): dtype is FloatDtype {
  return (floatDtypes as readonly Dtype[]).includes(dtype);
}

/**
 * A float type from what a user writes: `bf16`, `BF16`, `bfloat16`, `torch.bfloat16`.
 * @throws UnknownDtypeError
 */
export function parseFloatDtype(text: string): FloatDtype {
  const name = text.trim().replace(/^torch\./, '');
  const dtype = floatDtypes.find((known) => known === name.toUpperCase()) ?? aliases[name.toLowerCase()];
  if (dtype === undefined) throw unknownDtype(`--dtype ${text}`, text, `choose one of ${floatDtypes.map((known) => known.toLowerCase()).join(', ')}`);
  return dtype;
}
