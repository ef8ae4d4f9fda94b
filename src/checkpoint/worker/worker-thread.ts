import { Worker } from 'node:worker_threads';
import { SoupError } from '../../errors';
import { interrupted } from '../errors';
import type { StreamOptions } from '../statistics';
import type { FromWorker, ToWorker } from './messages';

interface Waiting {
  readonly work: unknown;
  readonly options: StreamOptions;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A thread that does work which would hold up whoever asks for it, one piece after another in the order of asking. It
 * starts with the first one; a thread that dies fails what is under way, and the next work starts another.
 * @typeParam Work kinds of work, told apart by `kind`; `Results` has what each comes to
 */
export class WorkerThread<Work extends { readonly kind: string }, Results extends Readonly<Record<Work['kind'], unknown>>> {
  private worker: Worker | null = null;
  private readonly queue: { readonly id: number; readonly waiting: Waiting }[] = [];
  private current: { readonly id: number; readonly waiting: Waiting } | null = null;
  private nextId = 0;

  /** @param script a bundle that calls `serveWork` */
  constructor(private readonly script: string) {}

  /** @throws what the work throws, and InterruptedError once `signal` is aborted */
  run<W extends Work>(work: W, options: StreamOptions = {}): Promise<Results[W['kind']]> {
    return new Promise((resolve, reject) => {
      if (options.signal?.aborted) return reject(interrupted());
      const id = this.nextId++;
      options.signal?.addEventListener('abort', () => this.stop(id), { once: true });
      this.queue.push({ id, waiting: { work, options, resolve: resolve as Waiting['resolve'], reject } });
      this.startNext();
    });
  }

  async dispose(): Promise<void> {
    for (const { waiting } of this.queue.splice(0)) waiting.reject(interrupted());
    this.current?.waiting.reject(interrupted());
    this.current = null;
    await this.worker?.terminate();
  }

  private startNext(): void {
    if (this.current) return;
    this.current = this.queue.shift() ?? null;
    if (!this.current) return;
    this.post({ type: 'start', id: this.current.id, work: this.current.waiting.work });
  }

  private stop(id: number): void {
    const index = this.queue.findIndex((entry) => entry.id === id);
    if (index >= 0) this.queue.splice(index, 1)[0]!.waiting.reject(interrupted());
    else if (this.current?.id === id) this.post({ type: 'stop', id });
  }

  private post(message: ToWorker): void {
    this.worker ??= this.startWorker();
    this.worker.postMessage(message);
  }

  private startWorker(): Worker {
    const worker = new Worker(this.script);
    worker.unref(); // whoever asks has a window of its own to keep alive
    worker.on('message', (message: FromWorker) => this.receive(message));
    const onEnd = (error: Error): void => {
      if (this.worker !== worker) return;
      this.worker = null;
      this.settle(({ reject }) => reject(error));
    };
    worker.on('error', (cause) => onEnd(new SoupError('WorkerError', `The thread that computes in the background has failed: ${cause.message}`, { isInput: false, cause })));
    worker.on('exit', (code) => onEnd(new SoupError('WorkerError', `The thread that computes in the background has ended (${code}).`, { isInput: false })));
    return worker;
  }

  private receive(message: FromWorker): void {
    if (message.id !== this.current?.id) return;
    if (message.type === 'progress') this.current.waiting.options.onProgress?.(message.fraction);
    else if (message.type === 'result') this.settle(({ resolve }) => resolve(message.result));
    else this.settle(({ reject }) => reject(new SoupError(message.name, message.message, { isInput: message.isInput })));
  }

  private settle(answer: (waiting: Waiting) => void): void {
    const done = this.current;
    this.current = null;
    if (done) answer(done.waiting);
    this.startNext();
  }
}
