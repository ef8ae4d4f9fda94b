import { OpenPanel } from '../../src/editor/panels/open-panel';
import { MetricsStore } from '../../src/editor/run-tree/metrics-store';
import type { PanelKind } from '../../src/protocol/panels';
import type { Piece } from '../../src/protocol/pieces';
import { copies, log, type Rows, type Threads } from './rows';

/** A panel of the extension in an editor that takes its messages. */
export class TimedPanel {
  private readonly waiting: ((text: string) => void)[] = [];
  private text = '';
  private readonly listeners: (() => void)[] = [];
  private readonly panel: OpenPanel;

  constructor(kind: PanelKind, source: string, { analyst, longAnalyst, linguist }: Threads, rows: Rows) {
    const nothing = { dispose: () => undefined };
    const postMessage = (piece: Piece): Promise<boolean> => {
      this.text = piece.index === 0 ? piece.text : this.text + piece.text;
      if (piece.index === piece.count - 1) for (const tell of this.waiting.splice(0)) tell(this.text);
      return rows.post(piece);
    };
    const page = { title: kind, visible: true, onDidChangeViewState: () => nothing, webview: { onDidReceiveMessage: () => nothing, postMessage } };
    const runs = { metrics: new MetricsStore(), onDidChange: (listener: () => void) => (this.listeners.push(listener), nothing) };
    this.panel = new OpenPanel(page as never, kind, source, runs as never, { analyst, longAnalyst }, linguist, copies, null as never, log);
  }

  /** Tells it that its files have changed. */
  readonly change = (): void => this.listeners.forEach((tell) => tell());

  /** The JSON of the next snapshot that is posted. @throws Error with what the panel says instead */
  async next(): Promise<string> {
    const text = await new Promise<string>((resolve) => this.waiting.push(resolve));
    if (text.startsWith('{"type":"failure"')) throw new Error(text);
    return text;
  }

  dispose(): void {
    this.panel.dispose();
  }
}
