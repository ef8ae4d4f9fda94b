import { dtypes } from './dtype';
import type { Checkpoint, CheckpointKind } from './checkpoint';
import { lineageOf, type Lineage } from './lineage';
import { elementCount } from './safetensors-header';

/** What a checkpoint holds, from its headers alone; `soup inspect --json`. */
export interface Inspection {
  readonly path: string;
  readonly kind: CheckpointKind;
  readonly files: readonly string[];
  readonly tensorCount: number;
  readonly parameters: number;
  readonly sizeBytes: number;
  /** only the types that occur */
  readonly dtypes: Readonly<Record<string, { readonly tensors: number; readonly parameters: number; readonly bytes: number }>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly config: Readonly<Record<string, unknown>> | null;
  readonly lineage: Lineage;
  readonly tensors: readonly { readonly name: string; readonly dtype: string; readonly shape: readonly number[]; readonly bytes: number }[];
}

/** Sums up an open checkpoint. Parameters count every element, of integer tensors too. */
export function inspectCheckpoint(checkpoint: Checkpoint): Inspection {
  const tensors = [...checkpoint.tensors.values()].map(({ name, dtype, shape, begin, end }) => ({ name, dtype, shape, bytes: end - begin }));
  const total = (list: typeof tensors) => ({
    tensors: list.length,
    parameters: list.reduce((sum, { shape }) => sum + elementCount(shape), 0),
    bytes: list.reduce((sum, { bytes }) => sum + bytes, 0),
  });
  const all = total(tensors);
  const byDtype = dtypes.map((dtype) => [dtype, total(tensors.filter((tensor) => tensor.dtype === dtype))] as const);
  return {
    path: checkpoint.path,
    kind: checkpoint.kind,
    files: checkpoint.files,
    tensorCount: all.tensors,
    parameters: all.parameters,
    sizeBytes: all.bytes,
    dtypes: Object.fromEntries(byDtype.filter(([, { tensors: count }]) => count > 0)),
    metadata: checkpoint.metadata,
    config: checkpoint.config,
    lineage: lineageOf(checkpoint),
    tensors,
  };
}
