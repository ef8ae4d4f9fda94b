import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { NamedCheckpoint } from '../../checkpoint/names';
import { fileSystemError, malformedConfig } from '../../checkpoint/errors';
import { tokenizerProblem } from '../errors';

/** A token of `added_tokens` in tokenizer.json; settings beyond these are kept as they are. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special: boolean;
}

/** tokenizer.json as the tokenizers library writes it, as far as vocabularies need it. */
export interface TokenizerJson {
  readonly added_tokens?: readonly AddedToken[];
  readonly model: {
    readonly type?: string;
    /** token to id, or pairs of token and score in the order of the ids (Unigram) */
    readonly vocab: Readonly<Record<string, number>> | readonly (readonly [string, number])[];
    readonly merges?: readonly (string | readonly [string, string])[];
  };
}

export interface Tokenizer {
  readonly directory: string;
  readonly json: TokenizerJson;
  /** ids by token, added tokens included */
  readonly vocabulary: ReadonlyMap<string, number>;
  /** in the order of their ids */
  readonly added: readonly AddedToken[];
}

/**
 * The tokenizer beside a checkpoint's weights; null where there is none.
 * @throws TokenizerError where there is one without a tokenizer.json, or one of an unknown form
 */
export async function readTokenizer({ name, checkpoint: { directory } }: NamedCheckpoint): Promise<Tokenizer | null> {
  if (directory === null) return null;
  const file = path.join(directory, 'tokenizer.json');
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw fileSystemError(file, error);
  });
  if (text === null) {
    for (const old of ['tokenizer.model', 'vocab.json', 'vocab.txt', 'spiece.model']) {
      if (await stat(path.join(directory, old)).then(() => true, () => false)) throw tokenizerProblem(name, `has ${old} and no tokenizer.json — save it with AutoTokenizer.from_pretrained(…).save_pretrained(…)`);
    }
    return null;
  }
  let json: TokenizerJson;
  try {
    json = JSON.parse(text) as TokenizerJson;
  } catch (error) {
    throw malformedConfig(file, error);
  }
  const own = json?.model?.vocab;
  const pairs = Array.isArray(own) ? own.map((entry: unknown, id) => [(entry as unknown[] | null)?.[0], id] as const) : Object.entries(typeof own === 'object' && own !== null ? own : {});
  if (pairs.length === 0) throw tokenizerProblem(name, 'has a tokenizer.json without a vocabulary — save it with the tokenizers library');
  const added = [...(json.added_tokens ?? [])].sort((a, b) => a.id - b.id);
  const vocabulary = new Map<string, number>();
  for (const [token, id] of [...pairs, ...added.map(({ content, id: at }) => [content, at] as const)]) {
    if (typeof token !== 'string' || !Number.isSafeInteger(id) || (id as number) < 0) throw tokenizerProblem(name, 'has a tokenizer.json whose vocabulary is not tokens and ids — save it with the tokenizers library');
    vocabulary.set(token, id as number);
  }
  return { directory, json, vocabulary, added };
}
