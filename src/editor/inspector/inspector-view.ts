import path from 'node:path';
import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { CheckpointWorker } from '../../checkpoint/worker/work';
import { WorkerThread } from '../../checkpoint/worker/worker-thread';
import { readFromInspector, type FromInspector, type ToInspector } from '../../protocol/inspector';
import type { CheckpointIndex } from '../checkpoint-tree/checkpoint-index';
import { saveExport } from '../commands/save-export';
import { views } from '../contributions';
import { onPageMessage, postToPage } from '../panels/page-messages';
import { holdCheckpoint } from '../virtual-files/hold-checkpoint';
import { viewerLimitBytes } from '../virtual-files/local-copies';
import { MessageQueue, type Sendable } from '../panels/message-queue';
import type { Reader } from '../reader/work';
import { webviewOptions, webviewPage } from '../panels/webview-page';
import { shownAnswer } from './answer';
import { candidateRow, comparisonCandidates } from './comparison-candidates';
import { Inspection } from './inspection';
import { headerSnapshot } from './inspector-snapshot';

/** Checkpoints up to this size are measured against their base as soon as they are selected; larger ones when asked. */
const measuredAtOnceBytes = 1e9;

/**
 * The *Inspector* of the side bar: what the headers say at once, and what has to read values as the worker gets to it. A
 * new selection ends the computation of the old one.
 */
export class InspectorView implements vscode.WebviewViewProvider, vscode.Disposable {
  private view: vscode.WebviewView | null = null;
  private header: Sendable<ToInspector> = { type: 'empty' };
  private readonly queue = new MessageQueue<ToInspector>((message) => {
    if (this.view) void postToPage(this.view, message, () => l10n.t('Inspector'), this.log);
  });
  private inspection: Inspection | null = null;
  /** lets go of the files of what is inspected */
  private release = (): void => undefined;
  /** counts selections, so that a slow one does not replace a later one */
  private turn = 0;
  private readonly worker: CheckpointWorker;
  private readonly registration: vscode.Disposable;

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly checkpoints: CheckpointIndex,
    private readonly reader: Reader,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.worker = new WorkerThread(vscode.Uri.joinPath(extensionUri, 'dist', 'checkpoint-worker.js').fsPath);
    this.registration = vscode.window.registerWebviewViewProvider(views.inspector, this);
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.view = view;
    view.webview.options = webviewOptions(this.extensionUri);
    onPageMessage(view.webview, readFromInspector, () => l10n.t('Inspector'), this.log, (message) => this.receive(message));
    view.onDidDispose(() => (this.view = null));
    view.webview.html = webviewPage(view.webview, this.extensionUri, 'inspector', l10n.t('Inspector'));
  }

  /**
   * Shows a checkpoint; null empties the view.
   * @param other compared with it, instead of its base
   */
  async inspect(at: string | null, other: string | null = null): Promise<void> {
    const turn = ++this.turn;
    this.inspection?.end();
    this.inspection = null;
    this.release();
    if (at === null) return this.show({ type: 'empty' });
    const { copies } = this.checkpoints;
    try {
      const release = await holdCheckpoint(copies, at, viewerLimitBytes);
      const isStale = turn !== this.turn;
      if (isStale) return release();
      this.release = release;
      const { message, origin, summary } = await headerSnapshot(at, this.reader, copies);
      if (turn !== this.turn) return;
      const inspection = (this.inspection = new Inspection(origin, summary, () => this.checkpoints.bases(), this.measurer, (answer) => {
        if (turn === this.turn) void this.queue.send(shownAnswer(answer, copies));
      }));
      this.show(message);
      if (other !== null) await inspection.compareWith(other);
      else if (summary.sizeBytes <= measuredAtOnceBytes) await inspection.compareWithBase();
    } catch (error) {
      if (turn !== this.turn) return;
      const message = copies.inWords(error instanceof Error ? error.message : String(error));
      this.log.warn(`${copies.shown(at)}: ${message}`);
      this.show({ type: 'failure', path: copies.shown(at), message });
    }
  }

  /** What is shown, or being read to be shown. */
  get inspected(): string | null {
    return this.inspection?.path ?? null;
  }

  /** Opens the view, where it is hidden, without taking the focus. */
  reveal(): void {
    if (this.view) this.view.show(true);
    else void vscode.commands.executeCommand(`${views.inspector}.focus`, { preserveFocus: true });
  }

  dispose(): void {
    this.inspection?.end();
    this.release();
    this.registration.dispose();
    void this.worker.dispose();
  }

  /** The worker, with the files of what is compared on this disk while it reads them. */
  private readonly measurer: Pick<CheckpointWorker, 'run'> = {
    run: async (work, options) => {
      const releases: (() => void)[] = [];
      try {
        for (const at of 'reference' in work ? [work.reference, ...(work.base === null ? [] : [work.base])] : [work.checkpoint]) releases.push(await holdCheckpoint(this.checkpoints.copies, at, viewerLimitBytes));
        return await this.worker.run(work, options);
      } finally {
        for (const release of releases) release();
      }
    },
  };

  private show(header: Sendable<ToInspector>): void {
    this.header = header;
    void this.queue.send(header);
  }

  private async receive(message: FromInspector): Promise<void> {
    try {
      await this.answer(message);
    } catch (error) {
      this.log.error(error instanceof Error ? error : String(error));
      void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
    }
  }

  private async answer(message: FromInspector): Promise<void> {
    switch (message.type) {
      case 'ready':
        void this.queue.send(this.header);
        for (const known of this.inspection?.results ?? []) void this.queue.send(shownAnswer(known, this.checkpoints.copies));
        return;
      case 'reveal':
        return void vscode.commands.executeCommand('revealInExplorer', this.checkpoints.copies.uriOfShown(message.path));
      case 'open':
        return message.opens === 'checkpoint' ? this.inspect(this.checkpoints.copies.pathOf(this.checkpoints.copies.uriOfShown(message.path))) : void vscode.window.showTextDocument(this.checkpoints.copies.uriOfShown(message.path));
      case 'export':
        return saveExport(this.checkpoints.copies.uriOf(path.dirname(this.inspection?.path ?? '/')), message, this.log);
      case 'statistics':
        return this.inspection?.statistics(message.tensors);
      case 'histogram':
        return this.inspection?.histogram(message.tensor);
      case 'compare':
        return message.with === 'base' ? this.inspection?.compareWithBase() : this.compareWithOther();
      case 'stop':
        return this.inspection?.stop();
    }
  }

  private async compareWithOther(): Promise<void> {
    const inspection = this.inspection;
    if (!inspection) return;
    const others = (await this.checkpoints.loaded()).flatMap((entry) => ('type' in entry || entry.path === inspection.path ? [] : [entry]));
    const items = comparisonCandidates(inspection.summary, others).map((candidate) => candidateRow(candidate, vscode.workspace.asRelativePath(this.checkpoints.copies.uriOf(candidate.summary.path))));
    const picked = await vscode.window.showQuickPick(items, { title: l10n.t('Compare {0}', path.basename(inspection.path)), placeHolder: l10n.t('Choose the checkpoint to compare with'), matchOnDescription: true, matchOnDetail: true });
    if (picked) await inspection.compareWith(picked.path);
  }
}
