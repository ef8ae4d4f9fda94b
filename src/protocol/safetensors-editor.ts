import { isCount, isListOf, isObject, isPairOf, isText, messageReader } from './check';

/*
 * The page of a safetensors file. It gets the header once and asks for values by slices in numpy's notation; the file
 * itself is never posted.
 */

export interface ShownTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** offsets into the data section */
  readonly begin: number;
  readonly end: number;
}

export interface ShownFile {
  readonly name: string;
  readonly sizeBytes: number;
  /** bytes before the data section */
  readonly headerBytes: number;
  readonly parameters: number;
  readonly metadata: readonly (readonly [key: string, value: string])[];
  /** in the order of the data */
  readonly tensors: readonly ShownTensor[];
}

export type ToSafetensorsEditor =
  | { readonly type: 'file'; readonly file: ShownFile }
  | { readonly type: 'failure'; readonly message: string }
  /** answers the `values` of the same id: texts in row-major order */
  | { readonly type: 'values'; readonly id: number; readonly texts: readonly string[] }
  | { readonly type: 'values-failure'; readonly id: number; readonly message: string }
  /** what a copy or an export came to */
  | { readonly type: 'told'; readonly message: string };

export type FromSafetensorsEditor =
  | { readonly type: 'ready' }
  | { readonly type: 'values'; readonly id: number; readonly tensor: string; readonly slice: string }
  | { readonly type: 'copy-header' }
  | { readonly type: 'copy-values'; readonly tensor: string; readonly slice: string }
  | { readonly type: 'export'; readonly tensor: string; readonly slice: string }
  /** reads the file again after a failure */
  | { readonly type: 'reload' };

/** Values that one message asks for at most, and that a copy holds at most. */
export const valueLimit = 20_000;

const isTensor = isObject<ShownTensor>({ name: isText, dtype: isText, shape: isListOf(isCount), begin: isCount, end: isCount });
const isFile = isObject<ShownFile>({ name: isText, sizeBytes: isCount, headerBytes: isCount, parameters: isCount, metadata: isListOf(isPairOf(isText, isText)), tensors: isListOf(isTensor) });
const ofTensor = { tensor: isText, slice: isText };

export const readToSafetensorsEditor = messageReader<ToSafetensorsEditor>({
  file: { file: isFile },
  failure: { message: isText },
  values: { id: isCount, texts: isListOf(isText) },
  'values-failure': { id: isCount, message: isText },
  told: { message: isText },
});

export const readFromSafetensorsEditor = messageReader<FromSafetensorsEditor>({
  ready: {},
  values: { id: isCount, ...ofTensor },
  'copy-header': {},
  'copy-values': ofTensor,
  export: ofTensor,
  reload: {},
});
