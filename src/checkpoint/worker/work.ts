import type { Difference, NotFinite } from '../difference';
import type { Histogram, TensorStatistics } from '../statistics';
import type { WorkerThread } from './worker-thread';

/** Work on tensor values that would hold up whoever asks for it; done in a worker thread. */
export type Work =
  | { readonly kind: 'statistics'; readonly checkpoint: string; readonly tensor: string }
  | { readonly kind: 'histogram'; readonly checkpoint: string; readonly tensor: string; readonly bins: number }
  /** against a reference with the same tensors; with a base the two task vectors against each other */
  | { readonly kind: 'difference'; readonly checkpoint: string; readonly reference: string; readonly base: string | null }
  | { readonly kind: 'sha256'; readonly checkpoint: string };

/** Two checkpoints against each other. The list of tensors is JSON, because a text is handed over at once however long it is. */
export interface MeasuredDifference {
  readonly total: Difference;
  /** null where every value is finite, and of task vectors */
  readonly notFinite: NotFinite | null;
  /** of `DifferenceByTensor['tensors']`; numbers that are not finite are null */
  readonly tensorsJson: string;
}

export interface ResultOf {
  readonly statistics: TensorStatistics;
  readonly histogram: Histogram;
  readonly difference: MeasuredDifference;
  readonly sha256: string;
}

/** The bundle of `main.ts`, at work. */
export type CheckpointWorker = WorkerThread<Work, ResultOf>;
