import { stat } from 'node:fs/promises';
import { metricsPath } from '../../runs/run-directory';
import { tailMetrics } from '../../runs/metrics-log';
import { MetricsColumns } from './metrics-columns';

/** Read and parsed in one go: a few milliseconds' work. */
const pieceBytes = 128 * 1024;

interface Followed {
  columns: MetricsColumns;
  offset: number;
}

/** What the runs' metrics.jsonl hold, each read once and then only where it grew, in pieces that leave the host responsive. */
export class MetricsStore {
  private readonly followed = new Map<string, Followed>();
  private reading: Promise<unknown> = Promise.resolve();

  /** What has been read of a run. */
  columns(directory: string): MetricsColumns {
    return this.of(directory).columns;
  }

  /**
   * Reads on, for about `budgetMs`, all runs alike.
   * @returns the share of the runs' bytes that is not read yet, 0 to 1
   */
  async read(directories: readonly string[], budgetMs: number): Promise<number> {
    const turn = this.reading.then(() => this.readOn(directories, performance.now() + budgetMs));
    this.reading = turn.catch(() => undefined);
    return turn;
  }

  /** Forgets runs that are gone. */
  keep(directories: ReadonlySet<string>): void {
    for (const directory of this.followed.keys()) if (!directories.has(directory)) this.followed.delete(directory);
  }

  private async readOn(directories: readonly string[], end: number): Promise<number> {
    let pending = [...directories];
    while (pending.length > 0 && performance.now() < end) {
      const further: string[] = [];
      for (const directory of pending) if (await this.readPiece(directory)) further.push(directory);
      pending = further;
    }
    if (pending.length === 0) return 0;
    const sizes = await Promise.all(directories.map(async (directory) => [(await stat(metricsPath(directory)).catch(() => null))?.size ?? 0, this.of(directory).offset] as const));
    const total = sizes.reduce((sum, [size]) => sum + size, 0);
    return total === 0 ? 0 : sizes.reduce((sum, [size, offset]) => sum + Math.max(0, size - offset), 0) / total;
  }

  /** Whether there is more to read. */
  private async readPiece(directory: string): Promise<boolean> {
    const followed = this.of(directory);
    const tail = await tailMetrics(metricsPath(directory), followed.offset, pieceBytes);
    if (tail.isRestarted) followed.columns = new MetricsColumns();
    for (const row of tail.rows) followed.columns.add(row);
    followed.offset = tail.offset;
    return tail.hasMore;
  }

  private of(directory: string): Followed {
    let followed = this.followed.get(directory);
    if (!followed) this.followed.set(directory, (followed = { columns: new MetricsColumns(), offset: 0 }));
    return followed;
  }
}
