import { malformedPickle } from './errors';
import { TensorReference, type PickleValue } from './pickle-values';

/** More than any model has; a pickle that refers to itself has no end. */
const nodeLimit = 1_000_000;
const depthLimit = 32;

/**
 * The tensors of a loaded file by name: of nested dictionaries and lists, joined with dots. A file that has its weights
 * under `state_dict` has them without that word. Numbers, texts and so on are no weights and are left out.
 * @throws MalformedPickleError when containers hold themselves, or two tensors get one name
 */
export function stateDict(loaded: PickleValue, file: string): Map<string, TensorReference> {
  const inner = loaded instanceof Map ? loaded.get('state_dict') : undefined;
  const tensors = new Map<string, TensorReference>();
  let nodes = 0;
  const visit = (value: PickleValue, name: string, depth: number): void => {
    if (++nodes > nodeLimit || depth > depthLimit) throw malformedPickle(file, 'its containers are nested without end');
    if (value instanceof TensorReference) {
      if (tensors.has(name)) throw malformedPickle(file, `two tensors are named ${JSON.stringify(name)}`);
      tensors.set(name, value);
    } else if (value instanceof Map) for (const [key, item] of value) visit(item, join(name, keyText(key, file)), depth + 1);
    else if (Array.isArray(value)) for (const [index, item] of value.entries()) visit(item, join(name, String(index)), depth + 1);
  };
  visit(inner instanceof Map ? inner : loaded, '', 0);
  return tensors;
}

function keyText(key: PickleValue, file: string): string {
  if (typeof key === 'string' || typeof key === 'number') return String(key);
  throw malformedPickle(file, 'a dictionary has a key that is no text and no number');
}

function join(prefix: string, name: string): string {
  return prefix === '' ? name : `${prefix}.${name}`;
}
