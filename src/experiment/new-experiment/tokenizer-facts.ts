import { SoupError } from '../../errors';

interface TokenizerJson {
  readonly added_tokens?: readonly { readonly id: number; readonly content: string }[];
  readonly model?: { readonly vocab?: Readonly<Record<string, number>> | readonly unknown[] };
}

/**
 * What the config of a new model has to know of its tokenizer: the number of ids and the id that ends a text, null where
 * the tokenizer names none.
 * @param json text of tokenizer.json
 * @param config text of tokenizer_config.json
 * @throws SoupError TokenizerError
 */
export function tokenizerFacts(json: string, config: string): { readonly vocabularySize: number; readonly endOfText: number | null } {
  const { added_tokens: added = [], model } = parsed(json, 'tokenizer.json') as TokenizerJson;
  const { eos_token: end } = parsed(config, 'tokenizer_config.json') as { readonly eos_token?: string | { readonly content?: string } };
  const vocabulary = new Map<unknown, number>([
    ...(Array.isArray(model?.vocab) ? model.vocab.map((entry: unknown, id) => [(entry as readonly unknown[] | null)?.[0], id] as const) : Object.entries((model?.vocab ?? {}) as Readonly<Record<string, number>>)),
    ...added.map(({ content, id }) => [content, id] as const),
  ]);
  if (vocabulary.size === 0) throw new SoupError('TokenizerError', 'tokenizer.json has no vocabulary: save it with the tokenizers library.');
  const content = typeof end === 'object' ? end?.content : end;
  return { vocabularySize: [...vocabulary.values()].reduce((most, id) => Math.max(most, id), 0) + 1, endOfText: vocabulary.get(content) ?? null };
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text) ?? {};
  } catch (cause) {
    throw new SoupError('TokenizerError', `${file} is not JSON: save the tokenizer with the tokenizers library.`, { cause });
  }
}
