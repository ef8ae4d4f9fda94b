import type { MeasuredMean } from '../../analysis/measured-mean';
import type { PointKind } from '../../analysis/results';
import type { Checkpoint } from '../../checkpoint/checkpoint';
import type { TensorInfo } from '../../checkpoint/safetensors-header';
import type { WorkerThread } from '../../checkpoint/worker/worker-thread';
import type { ShownFile } from '../../protocol/safetensors-editor';
import type { CheckpointSummary } from '../checkpoint-tree/checkpoint-summary';

/** A safetensors file, and how its errors call it. */
export interface FileReference {
  readonly path: string;
  readonly name: string;
}

/** What the editor reads of headers, results and the values that are looked at: it would hold up the extension host for longer than a key press. */
export type ReaderWork =
  | { readonly kind: 'summaries'; readonly checkpoints: readonly string[] }
  | { readonly kind: 'headers'; readonly checkpoints: readonly string[] }
  | { readonly kind: 'inspection'; readonly checkpoint: string }
  | { readonly kind: 'file' | 'header-json'; readonly file: FileReference }
  | { readonly kind: 'values' | 'values-json'; readonly file: FileReference; readonly tensor: string; readonly slice: string }
  | { readonly kind: 'tensor'; readonly file: FileReference; readonly tensor: string }
  /** the results file need not exist yet */
  | { readonly kind: 'means'; readonly results: string }
  | { readonly kind: 'preference'; readonly results: string; readonly expression: string };

/** What the headers of one of several checkpoints say; `name` is its own among them. */
export interface CheckpointHeader {
  readonly name: string;
  readonly summary: CheckpointSummary;
  readonly origin: CheckpointOrigin;
}

export type CheckpointOrigin = Pick<Checkpoint, 'kind' | 'config' | 'files' | 'path'>;

/** What the inspector shows of headers. Lists of tensors are JSON, because a text is handed over at once however long it is. */
export interface InspectedHeader {
  readonly summary: CheckpointSummary;
  readonly origin: CheckpointOrigin;
  readonly metadata: Readonly<Record<string, string>>;
  /** tensors by type */
  readonly dtypes: Readonly<Record<string, number>>;
  /** of `InspectedTensor[]` */
  readonly tensorsJson: string;
}

/** A point of a sweep with the means of its rewards and their 95 % intervals, without samples. */
export interface MeanPoint {
  readonly kind: PointKind;
  readonly weights: Readonly<Record<string, number>> | null;
  readonly rewards: Readonly<Record<string, MeasuredMean>>;
}

/** The λ that fits a preference best, by expert name, and what is said of it. */
export interface PreferredWeights {
  readonly weights: Readonly<Record<string, number>>;
  readonly lines: readonly string[];
}

export interface ReaderResults {
  /** one a checkpoint, or why it cannot be read */
  readonly summaries: readonly (CheckpointSummary | { readonly failure: string })[];
  readonly headers: readonly CheckpointHeader[];
  readonly inspection: InspectedHeader;
  readonly file: { readonly head: Omit<ShownFile, 'tensors'>; readonly tensorsJson: string };
  readonly 'header-json': string;
  readonly values: readonly string[];
  readonly 'values-json': string;
  readonly tensor: { readonly info: TensorInfo; readonly dataOffset: number };
  readonly means: readonly MeanPoint[];
  readonly preference: PreferredWeights;
}

/** The bundle of `main.ts`, at work. */
export type Reader = WorkerThread<ReaderWork, ReaderResults>;
