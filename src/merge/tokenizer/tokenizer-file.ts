import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { NamedCheckpoint } from '../../checkpoint/names';
import { fileSystemError, malformedConfig } from '../../checkpoint/errors';
import type { SoupError } from '../../errors';
import { tokenizerProblem } from '../errors';
import { sentencePieces } from './sentencepiece';
import { tokenizerDirectory, vocabularyFile } from './tokenizer-directory';

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
  /** of the checkpoint */
  readonly name: string;
  readonly directory: string;
  /** the file that has the vocabulary */
  readonly file: string;
  /** null of the older forms, which are read and copied, not changed */
  readonly json: TokenizerJson | null;
  /** ids by token, added tokens included */
  readonly vocabulary: ReadonlyMap<string, number>;
  /** in the order of their ids */
  readonly added: readonly AddedToken[];
}

type Pairs = readonly (readonly [token: unknown, id: unknown])[];

/**
 * The tokenizer beside a checkpoint's weights: tokenizer.json, or the older files of SentencePiece, byte pairs, word
 * pieces and tiktoken. Null where there is none.
 * @throws TokenizerError where its form is unknown
 */
export async function readTokenizer({ name, checkpoint }: NamedCheckpoint): Promise<Tokenizer | null> {
  const directory = await tokenizerDirectory(checkpoint);
  const file = directory === null ? null : await vocabularyFile(directory);
  if (directory === null || file === null) return null;
  const bytes = await readFile(path.join(directory, file)).catch((error: unknown) => {
    throw fileSystemError(path.join(directory, file), error);
  });
  const json = file === 'tokenizer.json' ? (parsed(path.join(directory, file), bytes) as unknown as TokenizerJson) : null;
  const pairs = json ? pairsOf(json.model?.vocab) : olderPairs(path.join(directory, file), bytes);
  if (pairs.length === 0) throw tokenizerProblem(name, `has a ${file} without a vocabulary — save it with transformers`);
  const added = [...(json ? (json.added_tokens ?? []) : await olderAddedTokens(directory))].sort((a, b) => a.id - b.id);
  const vocabulary = new Map<string, number>();
  for (const [token, id] of [...pairs, ...added.map(({ content, id: at }) => [content, at] as const)]) {
    if (typeof token !== 'string' || !Number.isSafeInteger(id) || (id as number) < 0) throw tokenizerProblem(name, `has a ${file} whose vocabulary is not tokens and ids — save it with transformers`);
    vocabulary.set(token, id as number);
  }
  return { name, directory, file, json, vocabulary, added };
}

/** @throws TokenizerError that says how to make a tokenizer.json */
export function needsTokenizerJson({ name, directory, file }: Tokenizer, why: string): SoupError {
  return tokenizerProblem(name, `${why}, and tokens of a tokenizer.json alone can be changed, not those of ${file} — convert it: python -c "from transformers import AutoTokenizer as T; T.from_pretrained('${directory}').save_pretrained('${directory}')"`);
}

function parsed(file: string, bytes: Buffer): Record<string, unknown> {
  try {
    return JSON.parse(bytes.toString('utf8')) as Record<string, unknown>;
  } catch (error) {
    throw malformedConfig(file, error);
  }
}

function pairsOf(vocabulary: unknown): Pairs {
  if (Array.isArray(vocabulary)) return vocabulary.map((entry: unknown, id) => [(entry as unknown[] | null)?.[0], id] as const);
  return Object.entries(typeof vocabulary === 'object' && vocabulary !== null ? vocabulary : {});
}

function olderPairs(file: string, bytes: Buffer): Pairs {
  if (file.endsWith('.json')) return pairsOf(parsed(file, bytes));
  const pieces = file.endsWith('.model') ? sentencePieces(bytes) : null;
  if (pieces) return pieces.map((piece, id) => [piece, id] as const);
  const lines = bytes.toString('utf8').replace(/\n$/, '').split('\n');
  if (file.endsWith('.txt')) return lines.map((token, id) => [token, id] as const);
  // tiktoken, also under the name tokenizer.model: the bytes of a token in base 64, and its id
  return lines.map((line) => line.split(' ')).map(([token, id]) => [token, Number(id)] as const);
}

/** added_tokens.json, and what tokenizer_config.json has beyond it. */
async function olderAddedTokens(directory: string): Promise<AddedToken[]> {
  const read = async (name: string) => {
    const bytes = await readFile(path.join(directory, name)).catch(() => null);
    return bytes === null ? {} : parsed(path.join(directory, name), bytes);
  };
  const tokens = Object.entries(await read('added_tokens.json')).map(([content, id]): AddedToken => ({ id: Number(id), content, special: false }));
  const decoder = Object.entries((await read('tokenizer_config.json')).added_tokens_decoder ?? {}) as [string, Omit<AddedToken, 'id'>][];
  return [...tokens, ...decoder.map(([id, token]) => ({ ...token, id: Number(id) }))];
}
