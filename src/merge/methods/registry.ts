import { unknownMethod } from '../errors';
import { linear } from './linear';
import type { MergeMethod } from './method';

/** Every merge method, by the name that `--method` and soup.json use. */
export const methods: readonly MergeMethod[] = [linear];

/** @throws UnknownMethodError */
export function findMethod(name: string): MergeMethod {
  const method = methods.find((known) => known.name === name);
  if (!method) throw unknownMethod(name, methods.map((known) => known.name));
  return method;
}
