import { isUtf8 } from 'node:buffer';

/** Whether a tokenizer.json's decoder joins the tokens <0x00> … <0xFF> to characters (SentencePiece models such as LLaMA 2 and Mistral). */
export function hasByteFallback({ decoder }: { readonly decoder?: unknown }): boolean {
  const kinds = decoder as { readonly type?: string; readonly decoders?: readonly { readonly type?: string }[] } | null | undefined;
  return [kinds, ...(kinds?.decoders ?? [])].some((each) => each?.type === 'ByteFallback');
}

/**
 * Makes tokens decode as `tokenizers` decodes them: a run of byte tokens that is not UTF-8 as a whole becomes one � a
 * byte (its `ByteFallback`), where a text decoder would save what it can and take several bytes as one �.
 * @param idOf of a token's text
 * @returns the tokens with <0xFF>, which is never UTF-8, in the place of every byte of such a run
 */
export function byteFallback(idOf: (token: string) => number | undefined): (tokens: readonly number[]) => readonly number[] {
  const bytes = new Map<number, number>();
  for (let byte = 0; byte < 256; byte++) {
    const id = idOf(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
    if (id !== undefined) bytes.set(id, byte);
  }
  const never = idOf('<0xFF>');
  if (never === undefined) return (tokens) => tokens;
  return (tokens) => {
    let changed: number[] | null = null;
    for (let first = 0; first < tokens.length; first++) {
      let end = first;
      while (end < tokens.length && bytes.has(tokens[end]!)) end++;
      if (end > first && !isUtf8(Buffer.from(tokens.slice(first, end).map((token) => bytes.get(token)!)))) (changed ??= [...tokens]).fill(never, first, end);
      first = end;
    }
    return changed ?? tokens;
  };
}
