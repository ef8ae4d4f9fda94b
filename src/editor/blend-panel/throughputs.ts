import type * as vscode from 'vscode';
import type { BlendDraft } from '../../merge/blend-draft';
import type { BlendWorker } from '../../merge/blend-worker/work';
import type { Throughput } from '../../merge/throughput';

/** What a panel has measured of how fast its blends are, once for each method, base, type and space. */
export class Throughputs {
  private readonly measured = new Map<string, Throughput>();
  private worker: BlendWorker | null = null;
  private isMeasuring = false;

  constructor(
    private readonly newWorker: () => BlendWorker,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  known(draft: BlendDraft): Throughput | null {
    return this.measured.get(keyOf(draft)) ?? null;
  }

  /** Null where another one is being measured, or the blend cannot be tried. */
  async measure(draft: BlendDraft): Promise<Throughput | null> {
    if (this.isMeasuring) return null;
    this.isMeasuring = true;
    try {
      const throughput = await (this.worker ??= this.newWorker()).run({ kind: 'throughput', draft });
      this.measured.set(keyOf(draft), throughput);
      return throughput;
    } catch (error) {
      this.log.debug(`Create Soup: ${String(error)}`);
      return null; // the size stands without a time
    } finally {
      this.isMeasuring = false;
    }
  }

  dispose(): void {
    void this.worker?.dispose();
  }
}

const keyOf = ({ method, base, dtype, space, mergeIntoBase }: BlendDraft): string => JSON.stringify([method, base, dtype, space, mergeIntoBase]);
