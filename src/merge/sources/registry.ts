import type { MergeKernel } from '../kernels/kernel';
import { openAdapted } from './adapted';
import { openInline } from './inline';
import type { OpenFiles, SourceReader, TensorSource } from './source';
import { openStacked } from './stacked';
import { openStored } from './stored';
import { openVocabulary } from './vocabulary';

type Openers = { readonly [Kind in TensorSource['kind']]: (source: Extract<TensorSource, { kind: Kind }>, files: OpenFiles, kernel: MergeKernel) => SourceReader };

const openers: Openers = { stored: openStored, adapted: openAdapted, stacked: openStacked, inline: openInline, vocabulary: openVocabulary };

/** A reader for a source, by its kind. */
export function openSource(source: TensorSource, files: OpenFiles, kernel: MergeKernel): SourceReader {
  // the table's type ties each opener to its kind, which a lookup by a union forgets
  const open = openers[source.kind] as (source: TensorSource, files: OpenFiles, kernel: MergeKernel) => SourceReader;
  return open(source, files, kernel);
}
