import { metricsPath } from '../../runs/run-directory';
import { tailMetrics, withoutReplayedSteps } from '../../runs/metrics-log';
import type { MetricsRow } from '../../runs/run-record';

interface Followed {
  readonly rows: readonly MetricsRow[];
  readonly offset: number;
}

/**
 * Rows of the runs' metrics.jsonl, each file read once and then only where it grew. Shared by the tree and the panels.
 */
export class MetricsStore {
  private readonly followed = new Map<string, Promise<Followed>>();

  /** Every row that a run has logged up to now, in order of steps. */
  async rows(directory: string): Promise<readonly MetricsRow[]> {
    const before = this.followed.get(directory) ?? Promise.resolve({ rows: [], offset: 0 });
    const next = before.then((followed) => follow(directory, followed));
    this.followed.set(directory, next.catch(() => before)); // an unreadable moment loses nothing
    return (await next).rows;
  }

  /** Forgets runs that are gone. */
  keep(directories: ReadonlySet<string>): void {
    for (const directory of this.followed.keys()) if (!directories.has(directory)) this.followed.delete(directory);
  }
}

async function follow(directory: string, { rows, offset }: Followed): Promise<Followed> {
  const tail = await tailMetrics(metricsPath(directory), offset);
  if (tail.isRestarted) return { rows: withoutReplayedSteps(tail.rows), offset: tail.offset };
  if (tail.rows.length === 0) return { rows, offset: tail.offset };
  return { rows: withoutReplayedSteps([...rows, ...tail.rows]), offset: tail.offset };
}
