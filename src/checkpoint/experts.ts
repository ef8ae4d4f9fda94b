import { adaptCheckpoint, withoutTiedCopy } from './adapted';
import { openCheckpoint, type Checkpoint } from './checkpoint';

/** What trainers keep beside a policy: value functions, and the statistics that observations are scaled by. */
const besidePolicy = /^(value|value_head|observation)\./;

/** A base and its experts as whole models, under the experts' names; of their tensors those that act, for value functions differ as rewards do. */
export interface Experts {
  readonly base: Checkpoint;
  readonly experts: readonly Checkpoint[];
}

/**
 * Opens the experts of a base by their headers; adapters are applied to it, so that all have the same tensors.
 * @param experts directories by name; what a writer noted (`soup.name`) gives way to it, for it may be that of another time
 * @throws what `openCheckpoint` and `adaptCheckpoint` throw
 */
export async function openExperts(base: string, experts: Readonly<Record<string, string>>): Promise<Experts> {
  const origin = await openCheckpoint(base);
  const opened = await Promise.all(Object.entries(experts).map(async ([name, directory]) => {
    const checkpoint = await openCheckpoint(directory);
    const whole = checkpoint.kind === 'adapter' ? adaptCheckpoint(directory, origin, await withoutTiedCopy(origin, checkpoint)) : checkpoint;
    return { ...whole, metadata: { ...whole.metadata, 'soup.name': name } };
  }));
  return { base: acting(origin), experts: opened.map(acting) };
}

function acting(checkpoint: Checkpoint): Checkpoint {
  return { ...checkpoint, tensors: new Map([...checkpoint.tensors].filter(([name]) => !besidePolicy.test(name))) };
}
