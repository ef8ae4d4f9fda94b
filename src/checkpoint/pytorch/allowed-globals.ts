import { malformedPickle, unsafePickle, unsupportedPytorch } from './errors';
import { PickleGlobal, StorageReference, TensorReference, type PickleValue } from './pickle-values';

/** What a callable makes of its arguments. */
type Constructor = (args: readonly PickleValue[], file: string) => PickleValue;

/** Everything that a pickle may call, by the name it uses; nothing of Python exists behind the names. */
const constructors: Readonly<Record<string, Constructor>> = {
  'collections.OrderedDict': ([pairs = []], file) => {
    if (!Array.isArray(pairs) || !pairs.every((pair): pair is PickleValue[] => Array.isArray(pair) && pair.length === 2)) throw malformedPickle(file, 'an OrderedDict is not made of pairs');
    return new Map(pairs.map(([key, value]) => [key, value]));
  },
  'torch.Size': ([sizes = []]) => sizes,
  'torch._utils._rebuild_tensor': (args, file) => tensor(args, null, null, file),
  'torch._utils._rebuild_tensor_v2': (args, file) => tensor(args, null, args[6] ?? null, file),
  'torch._utils._rebuild_tensor_v3': (args, file) => {
    const dtype = args[6];
    if (!(dtype instanceof PickleGlobal)) throw malformedPickle(file, 'a tensor names no dtype');
    return tensor(args, dtype.name, args[7] ?? null, file);
  },
  'torch._utils._rebuild_parameter': ([data = null]) => data,
  'torch._utils._rebuild_parameter_with_state': ([data = null]) => data,
};

/** Names that only stand for themselves. */
const inert = /^(torch\.(\w+Storage|(u?int|float|bfloat|complex)\d+\w*|bool|half|double|long|short)|torch\.storage\.(UntypedStorage|TypedStorage))$/;

/** @throws UnsafePickleError for every other name, before anything is made of it */
export function allowedGlobal(module: string, name: string, file: string): PickleGlobal {
  // Python 2's names of the same modules are no other code: they are refused like any
  const full = `${module}.${name}`;
  if (!Object.hasOwn(constructors, full) && !inert.test(full)) throw unsafePickle(file, full);
  return new PickleGlobal(full);
}

export function construct(callable: PickleValue, args: PickleValue, file: string): PickleValue {
  if (!(callable instanceof PickleGlobal) || !Array.isArray(args)) throw malformedPickle(file, 'it calls something that is no name');
  if (!Object.hasOwn(constructors, callable.name)) throw unsafePickle(file, `${callable.name}(…)`);
  return constructors[callable.name](args, file);
}

function tensor([storage, offset, shape, strides]: readonly PickleValue[], dtype: string | null, metadata: PickleValue, file: string): TensorReference {
  if (!(storage instanceof StorageReference)) throw malformedPickle(file, 'a tensor has no storage');
  if (!isNatural(offset) || !isNaturals(shape) || !isNaturals(strides) || shape.length !== strides.length) throw malformedPickle(file, `a tensor of storage ${storage.key} has no offset, shape and strides`);
  const flags = metadata instanceof Map ? [...metadata].filter(([, value]) => value === true).map(([key]) => String(key)) : [];
  if (flags.length > 0) throw unsupportedPytorch(file, `a tensor of storage ${storage.key} is a lazy view (${flags.join(', ')})`);
  return new TensorReference(storage, offset, shape, strides, dtype);
}

export function isNatural(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isNaturals(value: PickleValue | undefined): value is number[] {
  return Array.isArray(value) && value.every(isNatural);
}
