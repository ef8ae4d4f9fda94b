import type { Checkpoint } from '../../checkpoint/checkpoint';
import type { RequestedTensor } from '../request';
import { tokenizerDirectory } from './tokenizer-directory';
import { readTokenizer } from './tokenizer-file';
import { vocabularyRows } from './vocabulary-tensors';

/** Rows of the embeddings, where adapters changed their number; null where they have the base's, or there are none. */
export function resizedRows(companion: Checkpoint, tensors: Iterable<Pick<RequestedTensor, 'name' | 'shape'>>): number | null {
  const rows = companion.kind === 'adapter' ? null : vocabularyRows(tensors);
  return rows === vocabularyRows(originOf(companion).tensors.values()) ? null : rows;
}

/** What is doubtful about the tokenizer that goes beside embeddings from an adapter. */
export async function resizedWarnings(companion: Checkpoint, tensors: Iterable<Pick<RequestedTensor, 'name' | 'shape'>>): Promise<string[]> {
  const rows = resizedRows(companion, tensors);
  const tokenizer = rows === null ? null : await readTokenizer({ name: companion.path, checkpoint: companion });
  if (rows === null || tokenizer === null) return [];
  const ids = [...tokenizer.vocabulary.values()].reduce((most, id) => Math.max(most, id + 1), 0);
  if (ids > rows) return [`the tokenizer in ${tokenizer.directory} has ${ids} tokens, and the embeddings have ${rows} rows: texts with the others fail — copy the tokenizer of the training into the adapter's directory`];
  if ((await tokenizerDirectory(companion)) !== originOf(companion).directory) return [];
  return [`the adapter brings embeddings of ${rows} rows and no tokenizer: the soup gets the base's, which has ${ids} tokens and lacks those that were added — copy the tokenizer of the training into the adapter's directory`];
}

function originOf(checkpoint: Checkpoint): Checkpoint {
  return checkpoint.adapted ? originOf(checkpoint.adapted.base) : checkpoint;
}
