import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { CheckpointWorker } from '../../checkpoint/worker/work';
import type { BlendDraft } from '../../merge/blend-draft';
import type { BlendWorker } from '../../merge/blend-worker/work';
import { estimatedSeconds, type Throughput } from '../../merge/throughput';
import type { ToBlendPanel } from '../../protocol/blend-panel';
import type { OpenedSetup } from './blend-setup';
import { distancesFrom, measureDistances } from './distances';
import { proposedName } from './draft-names';
import { Throughputs } from './throughputs';

/** Checkpoints up to this size in all are measured as soon as a base is known; larger ones when asked. */
const measuredAtOnceBytes = 1e9;

/** What a draft comes to: the preflight, size, time, and the distances of its experts from their base. The latest one counts. */
export class DraftForecasts {
  private forecasting = new AbortController();
  private measuring = new AbortController();
  private readonly throughputs: Throughputs;
  /** the base of the last distances, '' for none; null before there are any */
  private measuredOf: string | null = null;

  constructor(
    private readonly forecaster: BlendWorker,
    private readonly measurer: CheckpointWorker,
    newForecaster: () => BlendWorker,
    log: vscode.LogOutputChannel,
    private readonly post: (message: ToBlendPanel) => void,
  ) {
    this.throughputs = new Throughputs(newForecaster, log);
  }

  /** The page has loaded afresh: it has no distances. */
  forget(): void {
    this.measuredOf = null;
  }

  /** Tells what the draft comes to; `id` tells the page which of its drafts it is. */
  async forecast(opened: OpenedSetup, id: number, draft: BlendDraft): Promise<void> {
    this.forecasting.abort();
    const { signal } = (this.forecasting = new AbortController());
    try {
      const forecast = await this.forecaster.run({ kind: 'forecast', draft }, { signal });
      const tell = (seconds: number | null): void => this.post({ type: 'forecast', id, forecast, name: proposedName(opened, draft), seconds });
      const { output } = forecast;
      const secondsAt = (throughput: Throughput | null): number | null => (output && throughput ? estimatedSeconds(throughput, output.sizeBytes, output.readBytes) : null);
      const known = this.throughputs.known(draft);
      tell(secondsAt(known));
      if (output && !known && vscode.workspace.isTrusted) void this.throughputs.measure(draft).then((measured) => !signal.aborted && measured && tell(secondsAt(measured)));
    } catch (error) {
      if (!signal.aborted) this.post({ type: 'forecast-failure', id, message: error instanceof Error ? error.message : String(error) });
    }
    const sizeBytes = opened.summaries.reduce((sum, summary) => sum + summary.sizeBytes, 0);
    if (sizeBytes <= measuredAtOnceBytes && (draft.base ?? '') !== this.measuredOf) await this.measure(opened, draft);
  }

  /** Measures how far the experts are from the draft's base. */
  async measure({ setup }: OpenedSetup, draft: BlendDraft): Promise<void> {
    this.measuredOf = draft.base ?? '';
    this.measuring.abort();
    const { signal } = (this.measuring = new AbortController());
    const tell = (fraction: number | null): void => {
      if (!signal.aborted) this.post({ type: 'work', text: fraction === null ? null : l10n.t('Measuring distances'), fraction });
    };
    tell(0);
    try {
      this.post(await measureDistances(setup.inputs, draft.base, this.measurer, { signal, onProgress: tell }));
    } catch (error) {
      if (!signal.aborted) this.post({ type: 'distances', from: distancesFrom(setup.inputs, draft.base), distances: [], problem: error instanceof Error ? error.message : String(error) });
    } finally {
      tell(null);
    }
  }

  /** Stops what is measured, and says that nothing is any more. */
  stopMeasuring(): void {
    this.measuring.abort();
    this.measuring = new AbortController();
    this.post({ type: 'work', text: null, fraction: null });
  }

  dispose(): void {
    this.forecasting.abort();
    this.measuring.abort();
    this.throughputs.dispose();
  }
}
