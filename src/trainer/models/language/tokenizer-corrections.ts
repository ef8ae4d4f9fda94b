import { ByteFallbackDecoder, ByteLevelPreTokenizer, DigitsPreTokenizer, SequenceDecoder, SequencePreTokenizer, type Decoder, type PreTokenizer, type Tokenizer } from '@huggingface/tokenizers';

/** What is looked at of a tokenizer.json. */
export interface TokenizerFile {
  readonly decoder?: unknown;
  readonly added_tokens?: readonly { readonly id: number; readonly content: string; readonly special?: boolean; readonly normalized?: boolean; readonly single_word?: boolean }[];
}

/**
 * Where `@huggingface/tokenizers` does otherwise than the Python package: white space of JavaScript has U+FEFF and lacks
 * U+0085, digits are those of every script and kind (², ½, ٣), a byte order mark among byte tokens is a character, and
 * an added token decodes as its normalised text (with the space that SentencePiece models put before it).
 */
export function correct(tokenizer: Tokenizer, { added_tokens: added = [] }: TokenizerFile): Tokenizer {
  for (const part of preTokenizers(tokenizer.pre_tokenizer)) {
    if (part instanceof ByteLevelPreTokenizer) part.pattern = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;
    if (part instanceof DigitsPreTokenizer) part.pattern = part.config.individual_digits ? /\P{N}+|\p{N}/gu : /\P{N}+|\p{N}+/gu;
  }
  for (const part of decoders(tokenizer.decoder)) {
    if (part instanceof ByteFallbackDecoder) part.text_decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  }
  for (const { id, content, special, normalized } of added) {
    if (normalized && !special && tokenizer.normalizer && tokenizer.model) tokenizer.model.vocab[id] = tokenizer.normalizer.normalize(content);
  }
  return tokenizer;
}

function preTokenizers(part: PreTokenizer | null): PreTokenizer[] {
  if (!part) return [];
  return part instanceof SequencePreTokenizer ? part.tokenizers.flatMap(preTokenizers) : [part];
}

function decoders(part: Decoder | null): Decoder[] {
  if (!part) return [];
  return part instanceof SequenceDecoder ? part.decoders.flatMap(decoders) : [part];
}
