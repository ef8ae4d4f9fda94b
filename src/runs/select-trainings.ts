import { SoupError } from '../errors';
import { nearestName } from '../experiment/nearest-name';
import type { Plan, PlannedRun } from '../experiment/plan';
import type { TrainJob } from './run-record';

/**
 * The trainings of a plan that were asked for by name (`base`, an expert, a scalarised run, or its id), with what they
 * need, in the plan's order. Undefined means all.
 * @throws SoupError UnknownRunError
 */
export function selectTrainings({ trainings }: Pick<Plan, 'trainings'>, only: readonly string[] | undefined): readonly PlannedRun<TrainJob>[] {
  if (only === undefined) return trainings;
  const wanted = new Set<string>();
  for (const name of only) {
    const found = trainings.filter(({ id, job }) => id === name || job.name === name);
    if (found.length === 0) throw unknownRun(name, [...new Set(trainings.map(({ job }) => job.name))]);
    for (const { id, dependsOn } of found) for (const one of [id, ...dependsOn]) wanted.add(one);
  }
  return trainings.filter(({ id }) => wanted.has(id));
}

function unknownRun(name: string, known: readonly string[]): SoupError {
  const nearest = nearestName(name, known);
  return new SoupError('UnknownRunError', `--only ${name}: there is no such training${nearest ? ` — did you mean "${nearest}"?` : '.'} Known: ${known.join(', ')}.`);
}
