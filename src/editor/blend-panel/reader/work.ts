import type { Checkpoint } from '../../../checkpoint/checkpoint';
import type { WorkerThread } from '../../../checkpoint/worker/worker-thread';
import type { PointKind } from '../../../analysis/results';
import type { CheckpointSummary } from '../../checkpoint-tree/checkpoint-summary';

/** What a blend panel reads of headers and results, which would hold up the extension host for longer than a key press. */
export type ReaderWork =
  | { readonly kind: 'headers'; readonly checkpoints: readonly string[] }
  /** the results file need not exist yet */
  | { readonly kind: 'means'; readonly results: string }
  | { readonly kind: 'preference'; readonly results: string; readonly expression: string };

/** What the headers of one of several checkpoints say; `name` is its own among them. */
export interface CheckpointHeader {
  readonly name: string;
  readonly summary: CheckpointSummary;
  readonly origin: Pick<Checkpoint, 'kind' | 'config' | 'files' | 'path'>;
}

/** A point of a sweep with the means of its rewards, without samples. */
export interface MeanPoint {
  readonly kind: PointKind;
  readonly weights: Readonly<Record<string, number>> | null;
  readonly rewards: Readonly<Record<string, number>>;
}

/** The λ that fits a preference best, by expert name, and what is said of it. */
export interface PreferredWeights {
  readonly weights: Readonly<Record<string, number>>;
  readonly lines: readonly string[];
}

export interface ReaderResults {
  readonly headers: readonly CheckpointHeader[];
  readonly means: readonly MeanPoint[];
  readonly preference: PreferredWeights;
}

/** The bundle of `main.ts`, at work. */
export type BlendReader = WorkerThread<ReaderWork, ReaderResults>;
