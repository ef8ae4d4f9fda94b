import { readdir } from 'node:fs/promises';
import type { Checkpoint } from '../../checkpoint/checkpoint';

/** Files that have a vocabulary, in the order in which transformers prefers them; `*.tiktoken` is one too. */
const vocabularyFiles: readonly string[] = ['tokenizer.json', 'tokenizer.model', 'spiece.model', 'sentencepiece.bpe.model', 'vocab.json', 'vocab.txt'];
/** What else belongs to a tokenizer. */
const furtherFiles: readonly string[] = ['merges.txt', 'added_tokens.json', 'special_tokens_map.json', 'tokenizer_config.json', 'chat_template.jinja'];

/** The file with a directory's vocabulary; null where there is none. */
export async function vocabularyFile(directory: string): Promise<string | null> {
  const names = new Set(await readdir(directory).catch(() => []));
  return vocabularyFiles.find((name) => names.has(name)) ?? [...names].sort().find(isTiktoken) ?? null;
}

export function isTiktoken(name: string): boolean {
  return name.endsWith('.tiktoken');
}

/** Whether a file is part of a tokenizer. */
export function isTokenizerFile(name: string): boolean {
  return vocabularyFiles.includes(name) || furtherFiles.includes(name) || isTiktoken(name);
}

/** Files of a tokenizer by which two of them are compared: what their text means, not how a chat is put. */
export const comparedFiles: readonly string[] = [...vocabularyFiles, 'merges.txt', 'added_tokens.json'];

/** Where a checkpoint's tokenizer lies: of `base+adapter` the adapter's own, which has the tokens added in training, else the base's. */
export async function tokenizerDirectory({ directory, adapted }: Pick<Checkpoint, 'directory' | 'adapted'>): Promise<string | null> {
  if (!adapted) return directory;
  const own = adapted.adapter.directory;
  return own !== null && (await vocabularyFile(own)) !== null ? own : tokenizerDirectory(adapted.base);
}
