import { SoupError } from '../../../errors';

export function malformedTokenizer(directory: string, cause: unknown): SoupError {
  return new SoupError('MalformedTokenizerError', `${directory}: its tokenizer files cannot be used: ${cause instanceof Error ? cause.message : String(cause)} — copy tokenizer.json and tokenizer_config.json from the base model again`, { cause });
}

export function unsupportedTokenizer(directory: string, token: string): SoupError {
  return new SoupError('UnsupportedTokenizerError', `${directory}: its tokenizer takes "${token}" for a token only where it is a whole word, which is not supported here — set "single_word" of that token to false in tokenizer.json`);
}

export function chatTemplateFailed(directory: string, cause: unknown): SoupError {
  return new SoupError('ChatTemplateError', `${directory}: its chat template failed: ${cause instanceof Error ? cause.message : String(cause)} — check the roles of the messages`, { cause });
}

export function sequenceTooLong(length: number, limit: number): SoupError {
  return new SoupError('SequenceTooLongError', `a sequence of ${length} tokens exceeds the model's context of ${limit} — shorten the prompts or generate fewer tokens`);
}

export function unknownToken(token: number, vocabularySize: number): SoupError {
  return new SoupError('UnknownTokenError', `token ${token} is outside of the model's vocabulary of ${vocabularySize} — the tokenizer belongs to another model`);
}
