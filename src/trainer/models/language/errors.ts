import { SoupError } from '../../../errors';

export function malformedTokenizer(directory: string, cause: unknown): SoupError {
  return new SoupError('MalformedTokenizerError', `${directory}: its tokenizer files cannot be used: ${cause instanceof Error ? cause.message : String(cause)} — copy tokenizer.json and tokenizer_config.json from the base model again`, { cause });
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
