import { SoupError } from '../errors';
import type { MergeJob, WorkReport } from './work';

/** What a thread of a merge is started with. */
export interface ThreadStart {
  readonly job: MergeJob;
  readonly kernels: WebAssembly.Module;
  readonly thread: number;
}

/** What it says: that only hashing is left, what it has seen, or why it failed. */
export type ThreadMessage =
  | { readonly kind: 'merged' }
  | { readonly kind: 'report'; readonly report: WorkReport }
  | { readonly kind: 'error'; readonly error: ThreadError };

/** An error as plain data: a message between threads keeps neither its class nor its fields. */
interface ThreadError {
  readonly name: string;
  readonly message: string;
  readonly isInput: boolean;
}

export function threadError(error: unknown): ThreadError {
  if (error instanceof SoupError) return { name: error.name, message: error.message, isInput: error.isInput };
  return { name: 'MergeFailedError', message: error instanceof Error ? error.message : String(error), isInput: false };
}

export function errorOfThread({ name, message, isInput }: ThreadError): SoupError {
  return new SoupError(name, message, { isInput });
}
