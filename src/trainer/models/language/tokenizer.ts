import { Template } from '@huggingface/jinja';
import { Tokenizer } from '@huggingface/tokenizers';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { SoupError } from '../../../errors';
import { missingChatTemplate, missingTokenizer } from '../../../architecture/errors';
import { byteFallback, hasByteFallback } from './byte-fallback';
import { chatTemplateFailed, malformedTokenizer, unsupportedTokenizer } from './errors';
import { correct, type TokenizerFile } from './tokenizer-corrections';

export interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

/** A Hugging Face tokenizer (`tokenizer.json` and `tokenizer_config.json`). */
export interface LanguageTokenizer {
  readonly vocabularySize: number;
  readonly beginToken: number | null;
  readonly endToken: number | null;
  readonly paddingToken: number | null;
  readonly hasChatTemplate: boolean;
  /** @param options addSpecialTokens: what the tokenizer's post-processor adds, such as the beginning of text; default true */
  encode(text: string, options?: { readonly addSpecialTokens?: boolean }): Int32Array;
  /** @param options skipSpecialTokens default true */
  decode(tokens: ArrayLike<number>, options?: { readonly skipSpecialTokens?: boolean }): string;
  /**
   * A conversation as the model's chat template writes it; encode it without special tokens.
   * @throws MissingChatTemplateError, ChatTemplateError
   */
  renderChat(messages: readonly ChatMessage[], options?: { readonly addGenerationPrompt?: boolean }): string;
}

/** Files that make up a tokenizer, and belong beside every model that uses it. */
export const tokenizerFiles: readonly string[] = ['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json', 'added_tokens.json', 'vocab.json', 'merges.txt', 'tokenizer.model', 'chat_template.jinja'];

/** A token's text, written plainly or as an object; null where there is none. */
type SpecialToken = string | { readonly content: string } | null | undefined;

interface TokenizerConfig {
  readonly bos_token?: SpecialToken;
  readonly eos_token?: SpecialToken;
  readonly pad_token?: SpecialToken;
  /** one template, or several by name, of which `default` is taken */
  readonly chat_template?: string | readonly { readonly name: string; readonly template: string }[];
  readonly [key: string]: unknown;
}

/**
 * Reads a directory's tokenizer; works offline.
 * @throws MissingTokenizerError, MalformedTokenizerError, UnsupportedTokenizerError
 */
export async function openTokenizer(directory: string): Promise<LanguageTokenizer> {
  const model = await readOptional(path.join(directory, 'tokenizer.json'));
  if (model === null) throw missingTokenizer(directory);
  const settings = await readOptional(path.join(directory, 'tokenizer_config.json'));
  const template = await readOptional(path.join(directory, 'chat_template.jinja'));
  try {
    const config = JSON.parse(settings ?? '{}') as TokenizerConfig;
    const file = JSON.parse(model) as TokenizerFile;
    const wholeWord = file.added_tokens?.find((token) => token.single_word);
    if (wholeWord) throw unsupportedTokenizer(directory, wholeWord.content);
    return new HuggingFaceTokenizer(directory, correct(new Tokenizer(file, config), file), hasByteFallback(file), config, template ?? namedTemplate(config));
  } catch (error) {
    throw error instanceof SoupError ? error : malformedTokenizer(directory, error);
  }
}

async function readOptional(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw malformedTokenizer(path.dirname(file), error);
  });
}

function namedTemplate({ chat_template: template }: TokenizerConfig): string | null {
  if (typeof template === 'string') return template;
  return template?.find(({ name }) => name === 'default')?.template ?? null;
}

class HuggingFaceTokenizer implements LanguageTokenizer {
  readonly vocabularySize: number;
  readonly beginToken: number | null;
  readonly endToken: number | null;
  readonly paddingToken: number | null;
  readonly hasChatTemplate: boolean;
  private readonly decodable: (tokens: readonly number[]) => readonly number[];

  constructor(
    private readonly directory: string,
    private readonly tokenizer: Tokenizer,
    hasBytes: boolean,
    private readonly config: TokenizerConfig,
    private readonly template: string | null,
  ) {
    let largest = -1;
    for (const id of tokenizer.get_vocab().values()) largest = Math.max(largest, id);
    this.vocabularySize = largest + 1;
    this.beginToken = this.idOf(config.bos_token);
    this.endToken = this.idOf(config.eos_token);
    this.paddingToken = this.idOf(config.pad_token);
    this.hasChatTemplate = template !== null;
    this.decodable = hasBytes ? byteFallback((token) => tokenizer.token_to_id(token)) : (tokens) => tokens;
  }

  encode(text: string, { addSpecialTokens = true }: { readonly addSpecialTokens?: boolean } = {}): Int32Array {
    return Int32Array.from(this.tokenizer.encode(text, { add_special_tokens: addSpecialTokens }).ids);
  }

  decode(tokens: ArrayLike<number>, { skipSpecialTokens = true }: { readonly skipSpecialTokens?: boolean } = {}): string {
    return tokens.length === 0 ? '' : this.tokenizer.decode([...this.decodable(Array.from(tokens))], { skip_special_tokens: skipSpecialTokens, clean_up_tokenization_spaces: false });
  }

  renderChat(messages: readonly ChatMessage[], { addGenerationPrompt = false }: { readonly addGenerationPrompt?: boolean } = {}): string {
    if (this.template === null) throw missingChatTemplate(this.directory);
    const { bos_token: begin, eos_token: end } = this.config;
    try {
      return new Template(this.template).render({ messages: [...messages], add_generation_prompt: addGenerationPrompt, bos_token: textOf(begin) ?? '', eos_token: textOf(end) ?? '' });
    } catch (error) {
      throw chatTemplateFailed(this.directory, error);
    }
  }

  private idOf(token: SpecialToken): number | null {
    const text = textOf(token);
    return text === null ? null : (this.tokenizer.token_to_id(text) ?? null);
  }
}

function textOf(token: SpecialToken): string | null {
  return typeof token === 'string' ? token : (token?.content ?? null);
}
