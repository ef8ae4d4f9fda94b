import { OpenPanel } from '../../src/editor/panels/open-panel';
import { MetricsStore } from '../../src/editor/run-tree/metrics-store';
import type { PanelKind, ToPanel } from '../../src/protocol/panels';
import { copies, log, type Rows, type Threads } from './rows';

/** A panel of the extension in an editor that takes its messages. */
export class TimedPanel {
  private readonly waiting: ((message: ToPanel) => void)[] = [];
  private readonly listeners: (() => void)[] = [];
  private readonly panel: OpenPanel;

  constructor(kind: PanelKind, source: string, { analyst, linguist }: Threads, rows: Rows) {
    const nothing = { dispose: () => undefined };
    const postMessage = (message: ToPanel): Promise<boolean> => {
      for (const tell of this.waiting.splice(0)) tell(message);
      return rows.post(message);
    };
    const page = { title: kind, visible: true, onDidChangeViewState: () => nothing, webview: { onDidReceiveMessage: () => nothing, postMessage } };
    const runs = { metrics: new MetricsStore(), onDidChange: (listener: () => void) => (this.listeners.push(listener), nothing) };
    this.panel = new OpenPanel(page as never, kind, source, runs as never, analyst, linguist, copies, null as never, log);
  }

  /** Tells it that its files have changed. */
  readonly change = (): void => this.listeners.forEach((tell) => tell());

  /** The next snapshot that is posted. @throws Error with what the panel says instead */
  async next(): Promise<Extract<ToPanel, { readonly type: 'snapshot' }>['snapshot']> {
    const message = await new Promise<ToPanel>((resolve) => this.waiting.push(resolve));
    if (message.type === 'failure') throw new Error(message.message);
    return message.snapshot;
  }

  dispose(): void {
    this.panel.dispose();
  }
}
