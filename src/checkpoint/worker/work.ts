import type { DifferenceByTensor } from '../difference';
import type { Histogram, TensorStatistics } from '../statistics';

/** Work on tensor values that would hold up whoever asks for it; done in a worker thread. */
export type Work =
  | { readonly kind: 'statistics'; readonly checkpoint: string; readonly tensor: string }
  | { readonly kind: 'histogram'; readonly checkpoint: string; readonly tensor: string; readonly bins: number }
  /** against a reference with the same tensors; with a base the two task vectors against each other */
  | { readonly kind: 'difference'; readonly checkpoint: string; readonly reference: string; readonly base: string | null }
  | { readonly kind: 'sha256'; readonly checkpoint: string };

export interface ResultOf {
  readonly statistics: TensorStatistics;
  readonly histogram: Histogram;
  readonly difference: DifferenceByTensor;
  readonly sha256: string;
}

export type ToWorker = { readonly type: 'start'; readonly id: number; readonly work: Work } | { readonly type: 'stop'; readonly id: number };

export type FromWorker =
  | { readonly type: 'progress'; readonly id: number; readonly fraction: number }
  | { readonly type: 'result'; readonly id: number; readonly result: ResultOf[Work['kind']] }
  | { readonly type: 'failure'; readonly id: number; readonly name: string; readonly message: string; readonly isInput: boolean };
