import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { BlendWork, BlendResultOf } from '../../merge/blend-worker/work';
import { WorkerThread } from '../../checkpoint/worker/worker-thread';
import type { CheckpointIndex } from '../checkpoint-tree/checkpoint-index';
import type { CheckpointView } from '../checkpoint-tree/checkpoint-view';
import { blendPanelViewType } from '../contributions';
import { webviewOptions, webviewPage } from '../panels/webview-page';
import { wakeTab } from '../panels/sleeping-tabs';
import { mayBeTitleOf } from './blend-title';
import type { BlendServices, OpenBlend } from './open-blend';
import type { Reader } from '../reader/work';
import type { LanguageWorker } from '../yaml-language/worker/work';
import { savedDraft } from './saved-draft';

/** Opens blend panels, one for each set of checkpoints, and brings them back after a reload. */
export class BlendPanels implements vscode.Disposable {
  private readonly open = new Map<string, { readonly panel: vscode.WebviewPanel; readonly content: Promise<OpenBlend> }>();
  private readonly serializer: vscode.Disposable;
  private readonly services: BlendServices;
  private readonly saver: WorkerThread<BlendWork, BlendResultOf>;

  constructor(
    private readonly extensionUri: vscode.Uri,
    checkpoints: CheckpointIndex,
    reader: Reader,
    linguist: LanguageWorker,
    view: CheckpointView,
    log: vscode.LogOutputChannel,
  ) {
    const script = (name: string): string => vscode.Uri.joinPath(extensionUri, 'dist', name).fsPath;
    this.saver = new WorkerThread(script('blend-worker.js'));
    this.services = { checkpoints, view, log, saver: this.saver, reader, linguist, newForecaster: () => new WorkerThread(script('blend-worker.js')), newMeasurer: () => new WorkerThread(script('checkpoint-worker.js')) };
    this.serializer = vscode.window.registerWebviewPanelSerializer(blendPanelViewType, { deserializeWebviewPanel: (panel, state) => this.restore(panel, state) });
  }

  /**
   * Shows the panel of these checkpoints, a new one or the one that is open already, also where it has come back with the
   * window and was not shown since.
   * @param weights by expert name; those of the panel, or uniform ones, where null
   */
  async show(paths: readonly string[], weights: Readonly<Record<string, number>> | null): Promise<void> {
    const key = keyOf(paths);
    const isThere = (): boolean => this.open.has(key);
    if (!isThere()) await wakeTab({ viewType: blendPanelViewType, panels: () => [...this.open.values()].map(({ panel }) => panel), isThere, titles: () => this.titled(paths) });
    const existing = this.open.get(key);
    if (existing) {
      existing.panel.reveal();
      if (weights) void existing.content.then((content) => content.offer(weights));
      return;
    }
    void this.adopt(vscode.window.createWebviewPanel(blendPanelViewType, l10n.t('Create Soup'), { viewColumn: vscode.ViewColumn.Active }, webviewOptions(this.extensionUri)), paths, weights);
  }

  dispose(): void {
    this.serializer.dispose();
    for (const { content } of this.open.values()) void content.then((one) => one.dispose());
    void this.saver.dispose();
  }

  /** What the tab of these checkpoints is called; those that cannot be read have none. */
  private async titled(paths: readonly string[]): Promise<(title: string) => boolean> {
    const headers = await this.services.reader.run({ kind: 'headers', checkpoints: paths }).catch(() => null);
    return (title) => headers !== null && mayBeTitleOf(headers.map(({ name }) => name), title);
  }

  private async restore(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const draft = savedDraft(state);
    if (draft === null || this.open.has(keyOf(draft.inputs))) return panel.dispose();
    panel.webview.options = webviewOptions(this.extensionUri);
    await this.adopt(panel, draft.inputs, null);
  }

  private async adopt(panel: vscode.WebviewPanel, paths: readonly string[], weights: Readonly<Record<string, number>> | null): Promise<void> {
    panel.iconPath = vscode.Uri.joinPath(this.extensionUri, 'media', 'icon.svg');
    const content = import('./open-blend').then((blend) => new blend.OpenBlend(panel, paths, weights, this.services));
    const key = keyOf(paths);
    this.open.set(key, { panel, content });
    panel.onDidDispose(() => {
      void content.then((one) => one.dispose());
      this.open.delete(key);
    });
    await content; // the page speaks as soon as it is there
    panel.webview.html = webviewPage(panel.webview, this.extensionUri, 'blend', panel.title);
  }
}

const keyOf = (paths: readonly string[]): string => [...paths].sort().join('\n');
