import type { OpenFiles, SourceReader, TensorSource } from './source';
import { openStored } from './stored';

type Openers = { readonly [Kind in TensorSource['kind']]: (source: Extract<TensorSource, { kind: Kind }>, files: OpenFiles) => SourceReader };

const openers: Openers = { stored: openStored };

/** A reader for a source, by its kind. */
export function openSource(source: TensorSource, files: OpenFiles): SourceReader {
  return openers[source.kind](source, files);
}
