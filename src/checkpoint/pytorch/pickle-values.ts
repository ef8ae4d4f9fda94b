/** What a pickle may hold here. Lists and tuples are both arrays; sets too. */
export type PickleValue = null | boolean | number | bigint | string | Uint8Array | PickleValue[] | Map<PickleValue, PickleValue> | PickleGlobal | StorageReference | TensorReference;

/** A name that a pickle calls for: known to be harmless, and never looked up anywhere. */
export class PickleGlobal {
  constructor(readonly name: string) {}
}

/** A block of numbers, by the key under which the file stores it. */
export class StorageReference {
  constructor(readonly type: string, readonly key: string, readonly elements: number) {}
}

/** A view of a storage. `dtype` is the storage's own where null. */
export class TensorReference {
  constructor(readonly storage: StorageReference, readonly offset: number, readonly shape: readonly number[], readonly strides: readonly number[], readonly dtype: string | null) {}
}
