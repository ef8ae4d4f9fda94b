import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { NamedCheckpoint } from '../../checkpoint/names';
import { tokenizerProblem } from '../errors';
import { vocabularyRows } from './vocabulary-tensors';
import type { InputVocabulary, TokenRule } from './token-rows';
import { readTokenizer, type Tokenizer } from './tokenizer-file';
import { appendTokens, plainToken, stripUnused, uniteTokenizers, type SizedTokenizer } from './union';

export interface TokenizerOptions {
  /** mergekit's `tokenizer_source`: all tokens, the base's, or those of the input with this index */
  readonly source: 'union' | 'base' | number;
  /** index of the base among the inputs; mergekit takes the first where none is named */
  readonly base: number | null;
  /** mergekit's `tokenizer.tokens`; a token that is not in the vocabulary is appended */
  readonly tokens?: ReadonlyMap<string, TokenRule>;
  readonly padToMultipleOf?: number;
}

/** The output's tokenizer, and all that is needed to lay every input's embeddings out for it. */
export interface TokenizerPlan {
  /** ids by token */
  readonly vocabulary: ReadonlyMap<string, number>;
  /** rows of the output's embeddings, padding included; the output's `vocab_size` */
  readonly rowCount: number;
  /** index of the input whose tokenizer files the output gets, but for `files` */
  readonly from: number;
  /** files to write over the copied ones, by name */
  readonly files: ReadonlyMap<string, string>;
  readonly inputs: readonly InputVocabulary[];
  readonly base: number | null;
  readonly rules: ReadonlyMap<string, TokenRule>;
  readonly warnings: readonly string[];
}

/**
 * Plans one tokenizer for several models, as mergekit builds it (`tokenizer_source`, `tokenizer`): the output's
 * vocabulary and files. `vocabularySources` then gives the embeddings of every input in the output's order.
 * @throws TokenizerError where a tokenizer is missing or of an unknown form
 */
export async function planTokenizer(inputs: readonly NamedCheckpoint[], { source, base, tokens = new Map<string, TokenRule>(), padToMultipleOf = 1 }: TokenizerOptions): Promise<TokenizerPlan> {
  const warnings: string[] = [];
  const read = await Promise.all(inputs.map(readTokenizer));
  const first = base ?? 0;
  const ofBase = read[first];
  if (!ofBase) throw tokenizerProblem(inputs[first].name, 'has no tokenizer beside its weights, and the tokenizer of the soup starts from it — copy it there');
  const sized = inputs.map(({ name, checkpoint }, i): SizedTokenizer => {
    const tokenizer = read[i] ?? ofBase;
    if (!read[i]) warnings.push(`${name} has no tokenizer of its own: it is taken to have ${inputs[first].name}'s`);
    return { name, tokenizer, rows: vocabularyRows(checkpoint.tensors.values()) ?? tokenizer.vocabulary.size };
  });
  const stripped = stripUnused(sized[first]);
  const baseFirst = [{ ...sized[first], tokenizer: stripped }, ...sized.filter((_, i) => i !== first)];
  const from = typeof source === 'number' ? source : first;
  const chosen = source === 'union' ? uniteTokenizers(stripped, baseFirst, warnings) : source === 'base' ? stripped : sized[source].tokenizer;
  const output = appendTokens(chosen, [...tokens.keys()].map(plainToken));
  const ids = [...output.vocabulary.values()].reduce((largest, id) => Math.max(largest, id + 1), 0);
  return {
    vocabulary: output.vocabulary,
    rowCount: Math.ceil(ids / padToMultipleOf) * padToMultipleOf,
    from,
    files: output === read[from] ? new Map() : await changedFiles(output),
    inputs: sized.map(({ name, tokenizer, rows }) => ({ name, vocabulary: tokenizer.vocabulary, rows })),
    base,
    rules: tokens,
    warnings,
  };
}

/** tokenizer.json, and tokenizer_config.json where it lists the added tokens a second time. */
async function changedFiles({ directory, json, added }: Tokenizer): Promise<Map<string, string>> {
  const files = new Map([['tokenizer.json', `${JSON.stringify(json, null, 2)}\n`]]);
  const text = await readFile(path.join(directory, 'tokenizer_config.json'), 'utf8').catch(() => null);
  if (text === null) return files;
  const config = JSON.parse(text) as Record<string, unknown>;
  if (typeof config.added_tokens_decoder !== 'object') return files;
  const decoder = Object.fromEntries(added.map(({ id, ...settings }) => [id, settings]));
  return files.set('tokenizer_config.json', `${JSON.stringify({ ...config, added_tokens_decoder: decoder }, null, 2)}\n`);
}
