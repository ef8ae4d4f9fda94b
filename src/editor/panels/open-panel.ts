import path from 'node:path';
import * as vscode from 'vscode';
import type { CurveView, FromPanel, PanelKind, PanelTarget, ToPanel } from '../../protocol/panels';
import { piecesOf } from '../../protocol/pieces';
import { readFromPanel } from '../../protocol/panel-messages';
import { Pace } from '../pace';
import { MetricsStore } from '../run-tree/metrics-store';
import type { RunIndex } from '../run-tree/run-index';
import { holdRuns } from '../virtual-files/hold-runs';
import { viewerLimitBytes, type LocalCopies } from '../virtual-files/local-copies';
import type { LanguageWorker } from '../yaml-language/worker/work';
import { jsonWith, type Sendable } from './message-queue';
import { panelDescriptions, panelTitle, type PanelServices } from './panel-kinds';
import { onPageMessage, postToPage } from './page-messages';
import { resolveSource, runsOfResults, type PanelSource } from './source';

const snapshotIntervalMs = 250;
const followed = '**/{run.json,metrics.jsonl,results.jsonl,results.csv}';

/** What a panel asks of the rest of the editor. */
export interface PanelActions {
  createSoup(source: PanelSource, weights: Readonly<Record<string, number>>): Promise<void>;
  openLog(source: PanelSource, run: string): Promise<void>;
  /** shows the checkpoint that a selection means in the inspector; another selection leaves what is shown */
  inspect(source: PanelSource, asked: Extract<FromPanel, { readonly type: 'inspect' }>): Promise<void>;
  exportFile(source: PanelSource, file: Extract<FromPanel, { readonly type: 'export' }>): Promise<void>;
}

/**
 * One panel at work: reads its source again when the files change, at most four times a second and only while it is
 * shown, and keeps the latest snapshot for a page that was hidden or reloaded.
 */
export class OpenPanel implements vscode.Disposable {
  private target: PanelTarget;
  private source: PanelSource | null = null;
  private takeSnapshot: ((view?: CurveView) => Promise<Sendable<object>>) | null = null;
  private view: CurveView | undefined;
  /** message, as JSON */
  private latest: string | null = null;
  private sent = '';
  /** lets go of copies of the source's files */
  private release = (): void => undefined;
  /** whether files may have changed since they were copied, where they are not on this disk */
  private isStale = true;
  private isDisposed = false;
  private readonly pace: Pace;
  private readonly subscriptions: vscode.Disposable[] = [];

  constructor(
    private readonly panel: vscode.WebviewPanel,
    private readonly kind: PanelKind,
    readonly sourcePath: string,
    private readonly runs: RunIndex,
    private readonly analysts: Pick<PanelServices, 'analyst' | 'longAnalyst'>,
    private readonly linguist: LanguageWorker,
    private readonly copies: LocalCopies,
    private readonly actions: PanelActions,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.target = { panel: kind, source: copies.shown(sourcePath), title: panel.title };
    this.pace = new Pace(() => this.refresh(), snapshotIntervalMs, (error) => this.fail(error));
    this.subscriptions.push(
      this.pace,
      onPageMessage(panel.webview, readFromPanel, () => panel.title, log, (message) => this.receive(message)),
      panel.onDidChangeViewState(() => {
        if (panel.visible) this.pace.request();
      }),
      runs.onDidChange(() => {
        if (panel.visible) this.pace.request();
      }),
    );
    this.watch(path.dirname(sourcePath), path.basename(sourcePath));
    this.pace.request();
  }

  dispose(): void {
    this.isDisposed = true;
    this.release();
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private watch(directory: string, pattern: string): void {
    const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(this.copies.uriOf(directory), pattern));
    const onEvent = (): void => {
      this.isStale = true;
      if (this.panel.visible) this.pace.request(50);
    };
    this.subscriptions.push(watcher, watcher.onDidCreate(onEvent), watcher.onDidChange(onEvent), watcher.onDidDelete(onEvent));
  }

  private async refresh(): Promise<void> {
    if (this.isStale) await this.hold(this.source?.experimentDirectory ?? runsOfResults(this.sourcePath));
    if (this.takeSnapshot === null) {
      const source = await resolveSource(this.sourcePath, this.linguist);
      this.source = source;
      this.takeSnapshot = panelDescriptions[this.kind].snapshots(source, { metrics: this.copies.isCopy(this.sourcePath) ? new MetricsStore() : this.runs.metrics, ...this.analysts, onLater: () => this.later() });
      this.panel.title = panelTitle(this.kind, source.name);
      this.target = { ...this.target, title: this.panel.title };
      if (source.experimentDirectory !== null) {
        this.watch(source.experimentDirectory, followed);
        await this.hold(source.experimentDirectory);
      }
    }
    const snapshot = await this.takeSnapshot(this.view);
    await this.send(jsonWith({ type: 'snapshot', target: this.target, hasCheckpoints: this.source?.experimentDirectory != null }, 'snapshot', typeof snapshot === 'string' ? snapshot : JSON.stringify(snapshot)));
    const isPart = typeof snapshot === 'object' && 'unread' in snapshot && Number(snapshot.unread) > 0;
    if (isPart && this.panel.visible) this.pace.request();
  }

  private later(): void {
    if (this.panel.visible) this.pace.request();
  }

  private async hold(directory: string | null): Promise<void> {
    this.isStale = false;
    const before = this.release;
    const release = await holdRuns(this.copies, this.sourcePath, directory, viewerLimitBytes).catch((error: unknown) => {
      this.isStale = true;
      throw error;
    });
    before(); // after the new hold, so that what has not changed is not copied again
    this.release = release;
    if (this.isDisposed) release();
  }

  private fail(error: unknown): void {
    const message = this.copies.inWords(error instanceof Error ? error.message : String(error));
    this.log.error(`${this.panel.title}: ${message}`);
    void this.send(JSON.stringify({ type: 'failure', message } satisfies ToPanel));
  }

  /** Posts what differs from the last message, in pieces; a hidden page gets the latest when it asks for it. */
  private async send(text: string): Promise<void> {
    this.latest = text;
    if (text === this.sent || !this.panel.visible) return;
    this.sent = text;
    for (const piece of piecesOf(text)) {
      const hasIt = await postToPage(this.panel, piece, () => this.panel.title, this.log);
      if (this.sent !== text) return; // a later message is on its way
      if (hasIt) continue;
      this.sent = ''; // to be posted again
      return;
    }
  }

  private async receive(message: FromPanel): Promise<void> {
    try {
      if (message.type === 'ready') await this.answerReady();
      else if (message.type === 'view') {
        this.view = message.view;
        this.pace.request(0);
      }
      else if (this.source === null) return;
      else if (message.type === 'export') await this.actions.exportFile(this.source, message);
      else if (message.type === 'inspect') await this.actions.inspect(this.source, message);
      else if (message.type === 'create-soup') await this.actions.createSoup(this.source, message.weights);
      else await this.actions.openLog(this.source, message.run);
    } catch (error) {
      void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
      this.log.error(error instanceof Error ? error : String(error));
    }
  }

  /** The page has loaded afresh and knows nothing. */
  private async answerReady(): Promise<void> {
    this.sent = '';
    if (this.latest) await this.send(this.latest);
    this.pace.request();
  }
}
