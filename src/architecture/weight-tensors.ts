import type { Checkpoint, CheckpointTensor } from '../checkpoint/checkpoint';
import { tensorSpecs, type Architecture } from './architecture';
import { weightMismatch } from './errors';

/**
 * Where each tensor that an architecture needs lies in a checkpoint, by the architecture's name of it.
 * @throws WeightMismatchError when one is missing, unknown or of another shape
 */
export function weightTensors(checkpoint: Checkpoint, architecture: Architecture): ReadonlyMap<string, CheckpointTensor> {
  const specs = tensorSpecs(architecture);
  const found = new Map([...checkpoint.tensors.values()].flatMap((tensor) => {
    const name = architecture.canonicalName(tensor.name);
    // a tied head may be saved a second time
    return name === null || (architecture.head === null && name === 'lm_head.weight') ? [] : [[name, tensor] as const];
  }));
  const missing = specs.filter(({ name }) => !found.has(name));
  if (missing.length > 0) throw weightMismatch(checkpoint.path, `${missing.length} tensors are missing, such as ${missing[0]!.name}`);
  const known = new Set(specs.map(({ name }) => name));
  const unknown = [...found.keys()].find((name) => !known.has(name));
  if (unknown !== undefined) throw weightMismatch(checkpoint.path, `it has tensors that a ${architecture.modelType} model does not know, such as ${unknown}`);
  const misfit = specs.find(({ name, shape }) => found.get(name)!.shape.join() !== shape.join());
  if (misfit) throw weightMismatch(checkpoint.path, `${misfit.name}: config.json implies [${misfit.shape.join(', ')}], the file has [${found.get(misfit.name)!.shape.join(', ')}]`);
  return found;
}
