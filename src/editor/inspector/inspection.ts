import path from 'node:path';
import * as l10n from '@vscode/l10n';
import type { StreamOptions } from '../../checkpoint/statistics';
import type { CheckpointWorker } from '../../checkpoint/worker/work';
import type { CheckpointSummary } from '../checkpoint-tree/checkpoint-summary';
import type { CheckpointOrigin } from '../reader/work';
import type { Answer, MadeComparison } from './answer';
import { findBase, type BaseFound } from './find-base';

/** Bins of a histogram: what a narrow side bar can draw. */
const bins = 48;

/**
 * Everything that is computed of one selected checkpoint, in the worker and one after another. Its results are kept for a
 * page that loads afresh; `end` stops whatever is under way.
 */
export class Inspection {
  private readonly ended = new AbortController();
  private underWay = new AbortController();
  private readonly known = new Map<string, Answer>();
  private base: Promise<BaseFound | { readonly error: string }> | null = null;
  private pending = 0;
  private total = 0;

  constructor(
    private readonly checkpoint: CheckpointOrigin,
    readonly summary: CheckpointSummary,
    private readonly bases: () => Promise<readonly CheckpointSummary[]>,
    private readonly worker: Pick<CheckpointWorker, 'run'>,
    private readonly send: (message: Answer) => void,
  ) {}

  get path(): string {
    return this.summary.path;
  }

  /** What has been computed so far, for a page that knows nothing. */
  get results(): readonly Answer[] {
    return [...this.known.values()];
  }

  async statistics(tensors: readonly string[]): Promise<void> {
    const fresh = tensors.filter((tensor) => !this.known.has(`statistics ${tensor}`));
    await Promise.all(fresh.map((tensor) => this.answer(`statistics ${tensor}`, l10n.t('Reading the values of {0}', tensor), async (options) => ({ type: 'statistics', tensor, result: await this.worker.run({ kind: 'statistics', checkpoint: this.path, tensor }, options) }), (error) => ({ type: 'statistics', tensor, result: { error } }))));
  }

  async histogram(tensor: string): Promise<void> {
    if (this.known.has(`histogram ${tensor}`)) return;
    await this.answer(`histogram ${tensor}`, l10n.t('Counting the values of {0}', tensor), async (options) => ({ type: 'histogram', tensor, result: await this.worker.run({ kind: 'histogram', checkpoint: this.path, tensor, bins }, options) }), (error) => ({ type: 'histogram', tensor, result: { error } }));
  }

  async compareWithBase(): Promise<void> {
    await this.compare(l10n.t('Measuring the distance to the base'), async (options) => {
      const found = await this.findBase(options);
      if ('error' in found) return found;
      return this.measure('base', found.checkpoint, found.base, null, options);
    });
  }

  /** Against another checkpoint: by their task vectors where a base is known, else by the weights themselves. */
  async compareWith(other: string): Promise<void> {
    await this.compare(l10n.t('Comparing with {0}', path.basename(other)), async (options) => {
      const found = this.summary.role === 'base' || this.checkpoint.kind === 'adapter' ? null : await this.findBase(options);
      const base = found !== null && 'base' in found && found.base !== other ? found.base : null;
      return this.measure(base === null ? 'other' : 'task-vectors', this.path, other, base, options);
    });
  }

  /** Stops what is under way; what is asked for afterwards is computed. */
  stop(): void {
    this.underWay.abort();
    this.underWay = new AbortController();
  }

  end(): void {
    this.ended.abort();
    this.underWay.abort();
  }

  private findBase({ signal }: StreamOptions): Promise<BaseFound | { readonly error: string }> {
    const looking = (this.base ??= this.bases().then((bases) => findBase(this.checkpoint, this.summary, bases, (at) => this.worker.run({ kind: 'sha256', checkpoint: at }, { signal }))));
    looking.catch(() => (this.base = null)); // stopped: look again when asked again
    return looking;
  }

  private async measure(of: MadeComparison['of'], checkpoint: string, reference: string, base: string | null, options: StreamOptions): Promise<MadeComparison> {
    const { total, tensorsJson } = await this.worker.run({ kind: 'difference', checkpoint, reference, base }, options);
    return { of, reference, base, total, tensorsJson };
  }

  private async compare(text: string, work: (options: StreamOptions) => Promise<MadeComparison | { readonly error: string }>): Promise<void> {
    await this.answer('comparison', text, async (options) => ({ type: 'comparison', result: await work(options) }), (error) => ({ type: 'comparison', result: { error } }));
  }

  /** Does one piece of work, tells how far it is, and keeps and sends its answer; work that was stopped gives none. */
  private async answer(key: string, text: string, work: (options: StreamOptions) => Promise<Answer>, failure: (message: string) => Answer): Promise<void> {
    const { signal } = this.underWay;
    const finish = (message: Answer): void => {
      this.known.set(key, message);
      this.send(message);
    };
    this.pending++;
    this.total++;
    const tell = (fraction: number | null): void => {
      if (!signal.aborted) this.send({ type: 'work', text: this.total > 1 ? l10n.t('{0} ({1} of {2})', text, this.total - this.pending + 1, this.total) : text, fraction });
    };
    tell(null);
    try {
      const message = await work({ signal, onProgress: tell });
      if (!signal.aborted) finish(message);
    } catch (error) {
      // asked for by a page that still shows the checkpoint before
      const isOfAnother = error instanceof Error && error.name === 'MissingTensorError';
      if (!signal.aborted && !isOfAnother) finish(failure(error instanceof Error ? error.message : String(error)));
    } finally {
      this.pending--;
      if (this.pending === 0) {
        this.total = 0;
        if (!this.ended.signal.aborted) this.send({ type: 'work', text: null, fraction: null });
      }
    }
  }
}
