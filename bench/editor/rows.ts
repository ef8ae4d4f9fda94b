import path from 'node:path';
import type { AnalysisWorker } from '../../src/editor/panels/analysis-worker/work';
import type { Reader } from '../../src/editor/reader/work';
import type { LanguageWorker } from '../../src/editor/yaml-language/worker/work';
import { LocalCopies } from '../../src/editor/virtual-files/local-copies';
import type { CheckpointWorker } from '../../src/checkpoint/worker/work';
import { WorkerThread } from '../../src/checkpoint/worker/worker-thread';
import { longestBlock } from '../../test/unit/editor/longest-block';

export interface Settings {
  readonly checkpoints: number;
  readonly tensors: number;
  readonly lines: number;
  readonly runs: number;
  readonly rows: number;
  readonly gigabytes: number;
  readonly edge: number;
  readonly samples: number;
  /** folder of the extension whose bundles are timed */
  readonly extension: string;
  readonly repository: string;
}

/** Times one surface in an empty directory. */
export type Surface = (rows: Rows, directory: string, settings: Settings) => Promise<void>;

const ms = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
const bytes = (value: number): string => (value < 1e6 ? `${(value / 1e3).toFixed(1)} kB` : `${(value / 1e6).toFixed(2)} MB`);

/** The rows of the table, printed as they come. */
export class Rows {
  /** characters of all messages to pages since the last row */
  private posted = 0;

  /** Does some work in this thread, which stands for the extension host, and says how long it took, with the processor time of all threads, and how long it held this one. */
  async time<T>(what: string, work: () => Promise<T>): Promise<T> {
    this.posted = 0;
    const results: T[] = [];
    const before = process.cpuUsage();
    const { totalMs, longestMs } = await longestBlock(async () => void results.push(await work()));
    const { user, system } = process.cpuUsage(before);
    this.print(what, ms(totalMs), ms((user + system) / 1000), ms(longestMs), this.posted > 0 ? bytes(this.posted) : '');
    return results[0]!;
  }

  print(what: string, time: string, processor: string, block: string, messages: string): void {
    process.stdout.write(`| ${what} | ${time} | ${processor} | ${block} | ${messages} |\n`);
  }

  /** Takes a message to a page as VS Code does: written as JSON, and that text once more for the other process. */
  readonly post = (message: unknown): Promise<boolean> => {
    this.posted += JSON.stringify([JSON.stringify(message, (_, value: unknown) => value)]).length;
    return Promise.resolve(true);
  };

  /** Says what the messages of the last row come to in a second. */
  perSecond(what: string, seconds: number): void {
    this.print(what, '', '', '', bytes(this.posted / seconds));
  }
}

export interface Threads {
  readonly reader: Reader;
  readonly analyst: AnalysisWorker;
  readonly longAnalyst: AnalysisWorker;
  readonly linguist: LanguageWorker;
  readonly measurer: CheckpointWorker;
}

/** The threads of the extension; each starts with its first work. */
export function threadsOf({ extension }: Settings): Threads {
  const script = (name: string): string => path.join(extension, 'dist', `${name}.js`);
  return { reader: new WorkerThread(script('reader')), analyst: new WorkerThread(script('analysis-worker')), longAnalyst: new WorkerThread(script('analysis-worker')), linguist: new WorkerThread(script('language-worker')), measurer: new WorkerThread(script('checkpoint-worker')) };
}

export const uriOf = (fsPath: string) => ({ scheme: 'file', authority: '', path: fsPath, fsPath });

/** Of a disk. */
export const copies = new LocalCopies({} as never, { file: uriOf, from: uriOf } as never);
export const log = { debug: () => undefined, info: () => undefined, warn: fail, error: fail } as never;

function fail(problem: unknown): never {
  throw problem instanceof Error ? problem : new Error(String(problem));
}
