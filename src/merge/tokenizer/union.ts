import { tokenizerProblem } from '../errors';
import { needsTokenizerJson, type AddedToken, type Tokenizer, type TokenizerJson } from './tokenizer-file';

/** An input's tokenizer, and how many rows its embeddings have: ids at or above are unused. */
export interface SizedTokenizer {
  readonly name: string;
  readonly tokenizer: Tokenizer;
  readonly rows: number;
}

/**
 * The tokenizer without the tokens that its model has no embedding for, as mergekit strips them.
 * @throws TokenizerError where such tokens are in a vocabulary other than byte pairs
 */
export function stripUnused({ name, tokenizer, rows }: SizedTokenizer): Tokenizer {
  const unused = new Set([...tokenizer.vocabulary].filter(([, id]) => id >= rows).map(([token]) => token));
  if (unused.size === 0) return tokenizer;
  const { json } = tokenizer;
  if (!json) throw needsTokenizerJson(tokenizer, `has tokens beyond its ${rows} embeddings, which have to be cut`);
  if (json.model.type !== 'BPE' || Array.isArray(json.model.vocab)) throw tokenizerProblem(name, `has tokens beyond its ${rows} embeddings in a ${json.model.type ?? 'nameless'} vocabulary, and only BPE can be cut — resize its embeddings (resize_token_embeddings)`);
  const merges = json.model.merges?.filter((merge) => {
    const parts = typeof merge === 'string' ? merge.split(' ') : merge;
    return ![...parts, parts.join('')].some((piece) => unused.has(piece));
  });
  const stripped: TokenizerJson = {
    ...json,
    added_tokens: json.added_tokens?.filter(({ id }) => id < rows),
    model: { ...json.model, vocab: Object.fromEntries(Object.entries(json.model.vocab).filter(([token]) => !unused.has(token))), merges },
  };
  return {
    ...tokenizer,
    json: stripped,
    vocabulary: new Map([...tokenizer.vocabulary].filter(([token]) => !unused.has(token))),
    added: tokenizer.added.filter(({ id }) => id < rows),
  };
}

/**
 * The base's tokenizer with every token of the others appended (mergekit's `tokenizer_source: union`): first what
 * others have in their vocabulary, then what they added, each in the order of the inputs and of the ids. The pieces
 * stay the base's: an appended token is matched as a whole.
 */
export function uniteTokenizers(base: Tokenizer, all: readonly SizedTokenizer[], warnings: string[]): Tokenizer {
  const added = new Map<string, AddedToken>();
  const plain = new Set<string>();
  for (const { name, tokenizer, rows } of all) {
    const own = new Map(tokenizer.added.map((token) => [token.content, token]));
    const used = [...tokenizer.vocabulary].filter(([, id]) => id < rows).sort((a, b) => a[1] - b[1]);
    const dropped = tokenizer.vocabulary.size - used.length;
    if (dropped > 0) warnings.push(`${dropped} tokens of ${name} have no embedding in it (its vocab_size is ${rows}) and are left out`);
    for (const [token] of used) {
      const info = own.get(token);
      if (!info) plain.add(token);
      else if (!added.has(token)) added.set(token, info);
      else if (settings(added.get(token)) !== settings(info)) warnings.push(`token ${JSON.stringify(token)} of ${name} has other settings than the same token before it, which count`);
    }
  }
  const fromOthers = [...plain].filter((token) => !added.has(token)).map(plainToken);
  return appendTokens(base, [...fromOthers, ...added.values()]);
}

function settings(token: AddedToken | undefined): string {
  return JSON.stringify(Object.entries({ ...token, id: 0 }).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A plain token, as `tokenizer.add_tokens("…")` adds it. */
export function plainToken(content: string): Omit<AddedToken, 'id'> {
  return { content, single_word: false, lstrip: false, rstrip: false, normalized: true, special: false } as Omit<AddedToken, 'id'>;
}

/** Gives every token that is missing the next free id, as the tokenizers library does. */
export function appendTokens(tokenizer: Tokenizer, tokens: readonly Omit<AddedToken, 'id'>[]): Tokenizer {
  const vocabulary = new Map(tokenizer.vocabulary);
  const fresh: AddedToken[] = [];
  // a reduce: a vocabulary is too long for the arguments of Math.max
  let next = [...vocabulary.values()].reduce((largest, id) => Math.max(largest, id), -1) + 1;
  for (const token of tokens) {
    if (token.content === '' || vocabulary.has(token.content)) continue;
    vocabulary.set(token.content, next);
    fresh.push({ ...token, id: next++ });
  }
  if (fresh.length === 0) return tokenizer;
  if (!tokenizer.json) throw needsTokenizerJson(tokenizer, `would get ${fresh.length} more tokens (${JSON.stringify(fresh[0].content)}${fresh.length > 1 ? ', …' : ''})`);
  const added = [...tokenizer.added, ...fresh];
  return { ...tokenizer, json: { ...tokenizer.json, added_tokens: added }, vocabulary, added };
}
