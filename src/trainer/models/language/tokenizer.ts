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
  /** @param options addSpecialTokens: what the tokenizer's post-processor adds, such as the beginning of text; default true */
  encode(text: string, options?: { readonly addSpecialTokens?: boolean }): Int32Array;
  /** @param options skipSpecialTokens default true */
  decode(tokens: ArrayLike<number>, options?: { readonly skipSpecialTokens?: boolean }): string;
  /**
   * A conversation as the model's chat template writes it; encode it without special tokens.
   * @throws MissingChatTemplateError
   */
  renderChat(messages: readonly ChatMessage[], options?: { readonly addGenerationPrompt?: boolean }): string;
}
