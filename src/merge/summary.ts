import type { MergeResult } from './execute';
import type { MergePlan } from './plan';

/** What every merge reports, whatever asked for it; part of `--json`. */
export interface MergeSummary {
  readonly output: string;
  readonly files: readonly string[];
  readonly method: string;
  readonly tensorCount: number;
  readonly parameters: number;
  readonly sizeBytes: number;
  readonly nonFinite: { readonly nan: number; readonly infinite: number };
  readonly warnings: readonly string[];
  /** where a directory that stood at `output` was moved, with `force` */
  readonly replaced: string | null;
}

export interface MergeNotes {
  readonly output: string;
  readonly method: string;
  readonly replaced: string | null;
  /** what was found before; what is not finite is added */
  readonly warnings: readonly string[];
}

export function mergeSummary({ output, method, replaced, warnings }: MergeNotes, { files, tensorCount, totalElements, outBytes }: MergePlan, { nan, infinite, firstNan }: MergeResult): MergeSummary {
  return {
    output,
    files: files.map(({ file }) => file),
    method,
    tensorCount,
    parameters: totalElements,
    sizeBytes: outBytes,
    nonFinite: { nan, infinite },
    warnings: [
      ...warnings,
      ...(firstNan === null ? [] : [`the soup has ${nan} NaN values, the first in ${firstNan}`]),
      ...(infinite > 0 ? [`the soup has ${infinite} infinite values`] : []),
    ],
    replaced,
  };
}
