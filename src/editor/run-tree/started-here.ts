import type { ExperimentNode } from './run-model';

/** The part of a `Memento` that is needed; it outlives a reload of the window. */
interface Memory {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

const key = 'startedHere';

/**
 * Which experiments were started from this window: what others start, in a terminal or another window, is theirs to follow.
 * An experiment is known by the process that holds it, so that it is another's once another has started it again.
 */
export class StartedHere {
  constructor(private readonly memory: Memory) {}

  /** @param directory `runs/<name>` @param pid of the process that was started for it; null where none came up */
  note(directory: string, pid: number | null): void {
    void this.memory.update(key, { ...this.noted(), [directory]: pid });
  }

  /** @param experiments those among which the study of a cell is */
  has({ directory, study, record }: ExperimentNode, experiments: readonly ExperimentNode[]): boolean {
    const owner = study === null ? { directory, record } : experiments.find((node) => node.directory === study);
    const pid = owner?.record?.pid ?? null;
    return pid !== null && this.noted()[owner!.directory] === pid;
  }

  private noted(): Readonly<Record<string, unknown>> {
    return (this.memory.get(key) ?? {}) as Readonly<Record<string, unknown>>;
  }
}
