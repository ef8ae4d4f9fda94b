import { unknownDtype } from './errors';

/**
 * Element types of the safetensors format (0.8), in the order in which the reference writer lays tensors out (last
 * first). F4 and F6 are packed: their elements end between bytes.
 */
export const dtypes = [
  'BOOL', 'F4', 'F6_E2M3', 'F6_E3M2', 'U8', 'I8', 'F8_E5M2', 'F8_E4M3', 'F8_E8M0', 'F8_E4M3FNUZ', 'F8_E5M2FNUZ',
  'I16', 'U16', 'F16', 'BF16', 'I32', 'U32', 'F32', 'C64', 'F64', 'I64', 'U64',
] as const;
export type Dtype = (typeof dtypes)[number];

const floatDtypes = ['F64', 'F32', 'F16', 'BF16', 'F8_E4M3', 'F8_E5M2'] as const;
export type FloatDtype = (typeof floatDtypes)[number];

/** Read and shown, but not blended: scales and packed values of quantised models, formats of one vendor, complex numbers. */
const unblendableDtypes = ['F4', 'F6_E2M3', 'F6_E3M2', 'F8_E8M0', 'F8_E4M3FNUZ', 'F8_E5M2FNUZ', 'C64'] as const;
export type UnblendableDtype = (typeof unblendableDtypes)[number];

/** Bytes of one element; a fraction where elements are packed, exact in binary. */
export const dtypeBytes: Readonly<Record<Dtype, number>> = {
  BOOL: 1, F4: 0.5, F6_E2M3: 0.75, F6_E3M2: 0.75, U8: 1, I8: 1, F8_E5M2: 1, F8_E4M3: 1, F8_E8M0: 1, F8_E4M3FNUZ: 1, F8_E5M2FNUZ: 1,
  I16: 2, U16: 2, F16: 2, BF16: 2, I32: 4, U32: 4, F32: 4, C64: 8, F64: 8, I64: 8, U64: 8,
};

const aliases: Readonly<Record<string, FloatDtype>> = {
  float64: 'F64', fp64: 'F64', double: 'F64', float32: 'F32', fp32: 'F32', float: 'F32', float16: 'F16', fp16: 'F16', half: 'F16',
  bfloat16: 'BF16', float8_e4m3fn: 'F8_E4M3', float8_e4m3: 'F8_E4M3', float8_e5m2: 'F8_E5M2',
};

const torchNames: Readonly<Record<FloatDtype, string>> = { F64: 'float64', F32: 'float32', F16: 'float16', BF16: 'bfloat16', F8_E4M3: 'float8_e4m3fn', F8_E5M2: 'float8_e5m2' };

/** As torch, transformers and mergekit call it: `bfloat16`. */
export function torchName(dtype: FloatDtype): string {
  return torchNames[dtype];
}

const sets = { all: new Set<unknown>(dtypes), floats: new Set<Dtype>(floatDtypes), unblendable: new Set<Dtype>(unblendableDtypes) };

export function isDtype(name: unknown): name is Dtype {
  return sets.all.has(name);
}

export function isUnblendableDtype(dtype: Dtype): dtype is UnblendableDtype {
  return sets.unblendable.has(dtype);
}

/** Floats that blend; see `isUnblendableDtype` for the others. */
export function isFloatDtype(dtype: Dtype): dtype is FloatDtype {
  return sets.floats.has(dtype);
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
