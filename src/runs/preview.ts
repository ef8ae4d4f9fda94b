import { spawn, type ChildProcess } from 'node:child_process';
import { assetPath } from '../assets';
import { SoupError } from '../errors';
import { readFromPreview, type FromPreview, type ToPreview } from '../protocol/preview';
import { nodeEnvironment } from './launch';

type Message<M extends { readonly type: string }, T extends M['type']> = Extract<M, { readonly type: T }>;

export type PreviewOpening = Omit<Message<ToPreview, 'open'>, 'type'>;
export type PreviewOpened = Omit<Message<FromPreview, 'opened'>, 'type'>;
export type PreviewRequest = Omit<Message<ToPreview, 'text'>, 'id'> | Omit<Message<ToPreview, 'episodes'>, 'id'>;
/** What comes as it is computed. */
export type PreviewAnswer = Message<FromPreview, 'started' | 'text' | 'episodes' | 'scores'>;

const logLines = 20;
const graceMs = 2_000;

interface Pending {
  readonly id: number;
  readonly onAnswer: (answer: PreviewAnswer) => void;
  readonly resolve: () => void;
  readonly reject: (error: SoupError) => void;
}

/** A preview's process (see `protocol/preview.ts`), held by whoever asks it. */
export class Preview {
  /** what it holds; rejects with what could not be opened */
  readonly opened: Promise<PreviewOpened>;
  /** resolves when the process is gone: null after `close`, else what could not be opened, or what happened with the last lines that it wrote */
  readonly ended: Promise<SoupError | null>;
  private readonly child: ChildProcess;
  private readonly log: string[] = [];
  private pending: Pending | null = null;
  private nextId = 0;
  private isClosing = false;
  private openingError: SoupError | null = null;
  /** promises settle once: a second call does nothing */
  private settleOpening: { readonly resolve: (opened: PreviewOpened) => void; readonly reject: (error: SoupError) => void } | null = null;

  /** @param options trainer: path of trainer.js, by default the one beside the running code */
  constructor(opening: PreviewOpening, { trainer = assetPath('trainer.js') }: { readonly trainer?: string } = {}) {
    this.child = spawn(process.execPath, [trainer, '--preview'], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      windowsHide: true,
      env: nodeEnvironment({ OMP_NUM_THREADS: '1', TF_NUM_INTRAOP_THREADS: '1', TF_NUM_INTEROP_THREADS: '1' }),
    });
    this.opened = new Promise((resolve, reject) => (this.settleOpening = { resolve, reject }));
    this.opened.catch(() => undefined); // whoever awaits it hears of it; nobody has to
    this.ended = this.watch();
    this.post({ type: 'open', ...opening });
  }

  /**
   * Asks for texts or episodes; `onAnswer` hears them as they come. Ends what was asked before.
   * @throws SoupError InterruptedError when cancelled or superseded, PreviewEndedError, and what the process reports
   */
  ask(request: PreviewRequest, onAnswer: (answer: PreviewAnswer) => void): Promise<void> {
    this.drop();
    return new Promise((resolve, reject) => {
      const id = this.nextId++;
      this.pending = { id, onAnswer, resolve, reject };
      this.post({ ...request, id });
    });
  }

  /** Ends what is under way, at the next token or episode. */
  cancel(): void {
    this.drop();
    this.post({ type: 'cancel' });
  }

  /** Ends the process. */
  async close(): Promise<void> {
    this.isClosing = true;
    this.drop();
    if (this.child.connected) this.child.disconnect(); // it ends by itself then
    const timer = setTimeout(() => this.child.kill('SIGKILL'), graceMs);
    await this.ended.finally(() => clearTimeout(timer));
  }

  private drop(): void {
    this.pending?.reject(new SoupError('InterruptedError', 'interrupted', { isInput: false }));
    this.pending = null;
  }

  private post(message: ToPreview): void {
    // a process that is gone says so through `ended`
    if (this.child.connected) this.child.send(message, () => undefined);
    else if (message.type === 'text' || message.type === 'episodes') void this.ended.then((error) => this.fail(error ?? endedError('was closed', this.log)));
  }

  private watch(): Promise<SoupError | null> {
    const { child, log } = this;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        log.push(...text.split('\n').map((line) => line.trim()).filter((line) => line !== ''));
        log.splice(0, log.length - logLines);
      });
    }
    child.on('message', (message) => this.receive(readFromPreview(message)));
    return new Promise<SoupError | null>((resolve) => {
      child.once('error', (error) => resolve(endedError(`could not be started: ${error.message}`, log)));
      // Node emits no `close` after a disconnect
      child.once('exit', () => this.isClosing && resolve(null));
      // otherwise it comes after the last output
      child.once('close', (code, signal) => resolve(this.openingError ?? endedError(signal ? `was ended by ${signal}${signal === 'SIGKILL' ? ' (out of memory?)' : ''}` : `ended with exit code ${code}`, log)));
    }).then((error) => {
      this.fail(error ?? endedError('was closed', log));
      this.settleOpening?.reject(error ?? endedError('was closed', log));
      return error;
    });
  }

  private receive(message: FromPreview | null): void {
    if (!message) return;
    if (message.type === 'opened') {
      const { type: _, ...opened } = message;
      this.settleOpening?.resolve(opened);
    } else if (message.type === 'failure' && message.id === null) {
      this.openingError = new SoupError(message.name, message.message, { isInput: message.isInput });
      this.settleOpening?.reject(this.openingError);
    } else if (this.pending !== null && message.id === this.pending.id) this.answer(this.pending, message);
  }

  private answer(pending: Pending, message: Exclude<FromPreview, { readonly type: 'opened' }>): void {
    switch (message.type) {
      case 'done':
        this.pending = null;
        return pending.resolve();
      case 'cancelled':
        return this.drop();
      case 'failure':
        return this.fail(new SoupError(message.name, message.message, { isInput: message.isInput }));
      default:
        return pending.onAnswer(message);
    }
  }

  private fail(error: SoupError): void {
    this.pending?.reject(error);
    this.pending = null;
  }
}

function endedError(how: string, log: readonly string[]): SoupError {
  return new SoupError('PreviewEndedError', `The preview's process ${how}${log.length === 0 ? '' : `; it last wrote: ${log.slice(-3).join(' | ')}`}.`, { isInput: false });
}
