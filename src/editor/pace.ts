/**
 * Runs `work` when asked, at most once every `intervalMs` and never twice at a time. Requests that come meanwhile are
 * answered by one more run afterwards, so that the last state is never missed.
 */
export class Pace {
  private timer: NodeJS.Timeout | null = null;
  private isRunning = false;
  private isWanted = false;
  private isDisposed = false;
  private lastStart = -Infinity;

  constructor(
    private readonly work: () => Promise<void> | void,
    private readonly intervalMs: number,
    /** receives what `work` throws */
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Asks for a run after `delayMs` at the earliest; a run that is already waiting answers this request too. */
  request(delayMs = 0): void {
    if (this.isDisposed) return;
    this.isWanted = true;
    if (this.isRunning || this.timer) return;
    const wait = Math.max(delayMs, this.lastStart + this.intervalMs - Date.now());
    this.timer = setTimeout(() => void this.run(), Math.max(0, wait));
  }

  dispose(): void {
    this.isDisposed = true;
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }

  private async run(): Promise<void> {
    this.timer = null;
    this.isRunning = true;
    this.isWanted = false;
    this.lastStart = Date.now();
    try {
      await this.work();
    } catch (error) {
      this.onError(error);
    } finally {
      this.isRunning = false;
      if (this.isWanted) this.request();
    }
  }
}
