import * as vscode from 'vscode';
import { targetOfState } from '../../protocol/panel-messages';
import { panelKinds, type PanelKind } from '../../protocol/panels';
import { panelViewType } from '../contributions';
import type { LocalCopies } from '../virtual-files/local-copies';
import type { RunIndex } from '../run-tree/run-index';
import { WorkerThread } from '../../checkpoint/worker/worker-thread';
import type { LanguageWorker } from '../yaml-language/worker/work';
import type { AnalysisWorker } from './analysis-worker/work';
import { OpenPanel, type PanelActions } from './open-panel';
import { panelDescriptions, panelTitle } from './panel-kinds';
import { wakeTab } from './sleeping-tabs';
import { resolveSource } from './source';
import { webviewOptions, webviewPage } from './webview-page';

/** Opens panels as editor tabs, one for each kind and source, and brings them back after a reload. */
export class PanelHost implements vscode.Disposable {
  private readonly open = new Map<string, { readonly kind: PanelKind; readonly panel: vscode.WebviewPanel; readonly content: OpenPanel }>();
  private readonly serializers: vscode.Disposable[];
  private readonly analysts: { readonly analyst: AnalysisWorker; readonly longAnalyst: AnalysisWorker };

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly runs: RunIndex,
    private readonly copies: LocalCopies,
    private readonly linguist: LanguageWorker,
    private readonly actions: PanelActions,
    private readonly log: vscode.LogOutputChannel,
  ) {
    const newAnalyst = (): AnalysisWorker => new WorkerThread(vscode.Uri.joinPath(extensionUri, 'dist', 'analysis-worker.js').fsPath);
    this.analysts = { analyst: newAnalyst(), longAnalyst: newAnalyst() };
    this.serializers = panelKinds.map((kind) =>
      vscode.window.registerWebviewPanelSerializer(panelViewType(kind), {
        deserializeWebviewPanel: (panel, state) => this.restore(kind, panel, state),
      }),
    );
  }

  /**
   * Shows the panel, a new one or the one that is open already, also where it has come back with the window and was not
   * shown since.
   * @param source experiment file, `runs/<name>` directory or results file
   */
  async show(kind: PanelKind, source: string): Promise<void> {
    const key = keyOf(kind, source);
    const isThere = (): boolean => this.open.has(key);
    if (!isThere()) await wakeTab({ viewType: panelViewType(kind), panels: () => this.panelsOf(kind), isThere, titles: () => titled(kind, source, this.linguist) });
    const existing = this.open.get(key);
    if (existing) {
      existing.panel.reveal();
      return;
    }
    const panel = vscode.window.createWebviewPanel(panelViewType(kind), panelDescriptions[kind].title, { viewColumn: vscode.ViewColumn.Active }, webviewOptions(this.extensionUri));
    this.adopt(kind, panel, source);
  }

  dispose(): void {
    for (const serializer of this.serializers) serializer.dispose();
    for (const { content } of this.open.values()) content.dispose();
    for (const analyst of Object.values(this.analysts)) void analyst.dispose();
  }

  private panelsOf(kind: PanelKind): vscode.WebviewPanel[] {
    return [...this.open.values()].flatMap((one) => (one.kind === kind ? [one.panel] : []));
  }

  /** A panel that was closed in its first seconds may come back without its state: then the only experiment is meant. */
  private async restore(kind: PanelKind, panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const shown = targetOfState(state)?.source;
    const source = shown !== undefined ? this.copies.pathOf(this.copies.uriOfShown(shown)) : onlyOne((await this.runs.loaded()).map(({ directory }) => directory));
    if (source === null || this.open.has(keyOf(kind, source))) {
      panel.dispose();
      return;
    }
    panel.webview.options = webviewOptions(this.extensionUri);
    this.adopt(kind, panel, source);
  }

  private adopt(kind: PanelKind, panel: vscode.WebviewPanel, source: string): void {
    panel.iconPath = vscode.Uri.joinPath(this.extensionUri, 'media', 'icon.svg');
    const content = new OpenPanel(panel, kind, source, this.runs, this.analysts, this.linguist, this.copies, this.actions, this.log);
    const key = keyOf(kind, source);
    this.open.set(key, { kind, panel, content });
    panel.onDidDispose(() => {
      content.dispose();
      this.open.delete(key);
    });
    panel.webview.html = webviewPage(panel.webview, this.extensionUri, kind, panel.title);
  }
}

/** What the tab of a panel is called; a source that cannot be read has none. */
async function titled(kind: PanelKind, source: string, linguist: LanguageWorker): Promise<(title: string) => boolean> {
  const name = await resolveSource(source, linguist).then((resolved) => resolved.name, () => null);
  return (title) => name !== null && title === panelTitle(kind, name);
}

const keyOf = (kind: PanelKind, source: string): string => `${kind}\n${source}`;

function onlyOne<T>(items: readonly T[]): T | null {
  return items.length === 1 ? items[0]! : null;
}
