import * as vscode from 'vscode';
import type { FromInspector, ToInspector } from '../../protocol/panels';
import type { CheckpointIndex } from '../checkpoint-tree/checkpoint-index';
import { views } from '../contributions';
import { webviewOptions, webviewPage } from '../panels/webview-page';
import { distanceToBase, headerSnapshot } from './inspector-snapshot';

/**
 * The *Inspector* of the side bar: what the headers say at once, the distance to the base when it has been computed.
 * A new selection ends the computation of the old one.
 */
export class InspectorView implements vscode.WebviewViewProvider, vscode.Disposable {
  private view: vscode.WebviewView | null = null;
  private latest: ToInspector = { type: 'empty' };
  private work: AbortController | null = null;
  private readonly registration: vscode.Disposable;

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly checkpoints: CheckpointIndex,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.registration = vscode.window.registerWebviewViewProvider(views.inspector, this);
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.view = view;
    view.webview.options = webviewOptions(this.extensionUri);
    view.webview.onDidReceiveMessage((message: FromInspector) => this.receive(message));
    view.onDidDispose(() => (this.view = null));
    view.webview.html = webviewPage(view.webview, this.extensionUri, 'inspector', 'Inspector');
  }

  /** Shows a checkpoint; null empties the view. */
  async inspect(at: string | null): Promise<void> {
    this.work?.abort();
    const work = (this.work = new AbortController());
    if (at === null) return this.send({ type: 'empty' });
    try {
      const { snapshot, checkpoint, summary } = await headerSnapshot(at);
      if (work.signal.aborted) return;
      this.send({ type: 'checkpoint', snapshot });
      const known = await this.checkpoints.loaded();
      const bases = known.flatMap((entry) => ('type' in entry || entry.role !== 'base' ? [] : [entry]));
      const distance = await distanceToBase(checkpoint, summary, bases, work.signal);
      if (!work.signal.aborted) this.send({ type: 'checkpoint', snapshot: { ...snapshot, distance } });
    } catch (error) {
      if (work.signal.aborted) return;
      const message = error instanceof Error ? error.message : String(error);
      this.log.warn(`${at}: ${message}`);
      this.send({ type: 'failure', path: at, message });
    }
  }

  /** Opens the view, where it is hidden, without taking the focus. */
  reveal(): void {
    if (this.view) this.view.show(true);
    else void vscode.commands.executeCommand(`${views.inspector}.focus`);
  }

  dispose(): void {
    this.work?.abort();
    this.registration.dispose();
  }

  private send(message: ToInspector): void {
    this.latest = message;
    void this.view?.webview.postMessage(message);
  }

  private receive(message: FromInspector): void {
    if (message.type === 'ready') this.send(this.latest);
    else if (message.type === 'reveal' && typeof message.path === 'string') void vscode.commands.executeCommand('revealInExplorer', vscode.Uri.file(message.path));
  }
}
