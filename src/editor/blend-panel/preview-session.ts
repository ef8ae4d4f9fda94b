import { SoupError } from '../../errors';
import type { BlendDraft } from '../../merge/blend-draft';
import type { BlendInput, FromBlendPanel, ToBlendPanel } from '../../protocol/blend-panel';
import type { FromPreview, PreviewExpert, PreviewWeights } from '../../protocol/preview';
import { Preview, type PreviewAnswer, type PreviewRequest } from '../../runs/preview';
import { Pace } from '../pace';

/** Texts grow by tokens; the page gets them as often as an eye follows. */
const flushIntervalMs = 80;

type Asking = Extract<FromBlendPanel, { readonly type: 'preview-text' | 'preview-episodes' }>;

/** The preview's process of one panel: what it says goes to the page, and is kept for a page that loads afresh. */
export class PreviewSession {
  private readonly preview: Preview;
  /** the latest of each kind and point, in the order in which they first came */
  private readonly known = new Map<string, FromPreview>();
  private readonly waiting = new Map<string, FromPreview>();
  private readonly pace: Pace;
  private isClosed = false;

  /** @param post hears nothing after `close` */
  constructor(private readonly inputs: readonly BlendInput[], { base, space }: BlendDraft, private readonly post: (message: ToBlendPanel) => void, onError: (error: unknown) => void) {
    this.pace = new Pace(() => this.flush(), flushIntervalMs, onError);
    this.preview = new Preview({ experts: inputs.map(({ name, path }): PreviewExpert => ({ name, path })), base, space: inputs.every(({ isAdapter }) => isAdapter) ? space : null, backend: 'auto' });
    this.preview.opened.then((opened) => this.tell('opened', { type: 'opened', ...opened }), () => undefined); // `ended` says it too
    void this.preview.ended.then((error) => {
      this.pace.dispose();
      if (!this.isClosed) this.post({ type: 'preview-closed', problem: error?.message ?? null });
    });
  }

  /** Asks for texts or episodes at λ; whatever was asked before ends. */
  async ask(message: Asking): Promise<void> {
    let id = 0;
    try {
      await this.preview.ask(this.requestOf(message), (answer) => {
        id = answer.id;
        this.receive(answer);
      });
      this.flush();
      this.tell('end', { type: 'done', id });
    } catch (error) {
      if (!(error instanceof SoupError)) throw error;
      if (error.name === 'InterruptedError' || error.name === 'PreviewEndedError') return; // superseded, or told by `ended`
      this.tell('end', { type: 'failure', id, name: error.name, message: error.message, isInput: error.isInput });
    }
  }

  /** Says again what a page that has loaded afresh has to know. */
  replay(): void {
    for (const message of this.known.values()) this.post({ type: 'preview', message });
  }

  close(): void {
    this.isClosed = true;
    this.pace.dispose();
    void this.preview.close();
  }

  private requestOf(message: Asking): PreviewRequest {
    const weights: PreviewWeights = Object.fromEntries(this.inputs.map(({ name }, index) => [name, message.weights[index] ?? 0]));
    if (message.type === 'preview-text') return { type: 'text', prompt: message.prompt, settings: message.settings, weights: [weights] };
    return { type: 'episodes', episodes: message.episodes, seed: message.seed, weights: [weights] };
  }

  private receive(answer: PreviewAnswer): void {
    if (answer.type === 'started') {
      this.waiting.clear();
      const opened = this.known.get('opened');
      this.known.clear();
      if (opened) this.known.set('opened', opened);
      return this.tell('started', answer);
    }
    const key = `${answer.type} ${answer.point}`;
    this.known.set(key, answer);
    this.waiting.set(key, answer);
    this.pace.request();
  }

  private flush(): void {
    for (const message of this.waiting.values()) this.post({ type: 'preview', message });
    this.waiting.clear();
  }

  private tell(key: string, message: FromPreview): void {
    this.known.set(key, message);
    if (!this.isClosed) this.post({ type: 'preview', message });
  }
}
