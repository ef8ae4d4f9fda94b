/** A piece of work that waits for others. */
export interface Task {
  readonly id: string;
  readonly dependsOn: readonly string[];
}

export type TaskOutcome = 'done' | 'failed' | 'skipped';

/**
 * Carries out tasks, at most `slots` at a time, each as soon as all that it depends on are done (a dependency that is not
 * among the tasks counts as done). What depends on a failed task is skipped; the others go on.
 * @param start carries one out; its result says whether it succeeded, and it must not reject
 * @param isStopped asked before each start: once true, nothing more is started
 */
export async function schedule<T extends Task>(tasks: readonly T[], slots: number, start: (task: T) => Promise<boolean>, isStopped: () => boolean): Promise<ReadonlyMap<string, TaskOutcome>> {
  const outcomes = new Map<string, TaskOutcome>();
  const waiting = new Set(tasks);
  const running = new Map<string, Promise<void>>();
  const isKnown = new Set(tasks.map(({ id }) => id));
  for (;;) {
    for (const task of waiting) {
      const needed = task.dependsOn.filter((id) => isKnown.has(id)).map((id) => outcomes.get(id));
      const isHopeless = isStopped() || needed.some((outcome) => outcome === 'failed' || outcome === 'skipped');
      if (!isHopeless && (running.size >= slots || needed.some((outcome) => outcome !== 'done'))) continue;
      waiting.delete(task);
      if (isHopeless) outcomes.set(task.id, 'skipped');
      else running.set(task.id, start(task).then((succeeded) => {
        outcomes.set(task.id, succeeded ? 'done' : 'failed');
        running.delete(task.id);
      }));
    }
    if (running.size > 0) await Promise.race(running.values());
    else if (waiting.size === 0) return outcomes;
    else if (![...waiting].some((task) => task.dependsOn.some((id) => outcomes.get(id) === 'skipped' || outcomes.get(id) === 'failed'))) throw new Error(`tasks wait for each other: ${[...waiting].map(({ id }) => id).join(', ')}`);
  }
}
