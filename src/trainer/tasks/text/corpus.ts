import type { LanguageTokenizer } from '../../models/language/tokenizer';
import { parseLine, promptsError, readLines } from './prompts';
import type { TokenSequence } from './token-batch';

export interface Corpus {
  readonly sequences: readonly TokenSequence[];
  /** what the length has cost, in words; null where nothing was cut */
  readonly note: string | null;
}

/**
 * Sequences to learn from a file: of a .txt, each line is a text; of a .jsonl, `text`, or `prompt` with `completion`
 * (or `reference`, the first of a list), of which the completion alone is learned. The end of text is learned as well.
 * @param longest tokens after which a sequence is cut; one whose prompt is as long is left out
 * @throws SoupError PromptsError with file and line
 */
export async function readSequences(file: string, tokenizer: LanguageTokenizer, longest: number): Promise<Corpus> {
  const isJson = file.endsWith('.jsonl');
  const all = (await readLines(file)).map(({ text, line }) => (isJson ? sequenceOf(parseLine(file, line, text), `${file}:${line}`, tokenizer) : whole(text, tokenizer)));
  const kept = all.map(({ prompt, tokens }) => ({ prompt, tokens: tokens.slice(0, Math.max(0, longest - prompt.length)) }));
  const shortened = kept.filter(({ tokens }, i) => tokens.length > 0 && tokens.length < all[i]!.tokens.length).length;
  const sequences = kept.filter(({ tokens }) => tokens.length > 0);
  if (sequences.length === 0) throw promptsError(file, `has nothing to learn within ${longest} tokens`);
  const note = `${file}: of ${all.length} sequences, ${shortened} are cut after ${longest} tokens and ${all.length - sequences.length} are left out, for nothing to learn is within them`;
  return { sequences, note: shortened + all.length - sequences.length === 0 ? null : note };
}

function sequenceOf({ text, prompt, completion, reference }: Readonly<Record<string, unknown>>, where: string, tokenizer: LanguageTokenizer): TokenSequence {
  if (typeof text === 'string') return whole(text, tokenizer);
  const target: unknown = completion ?? (Array.isArray(reference) ? reference[0] : reference);
  if (typeof prompt !== 'string' || typeof target !== 'string') throw promptsError(where, 'has neither "text" nor "prompt" with "completion"');
  return { prompt: tokenizer.encode(prompt), tokens: ended(tokenizer.encode(target, { addSpecialTokens: false }), tokenizer) };
}

/** All of a text is learned but its first token, which nothing comes before. */
function whole(text: string, tokenizer: LanguageTokenizer): TokenSequence {
  const tokens = ended(tokenizer.encode(text), tokenizer);
  return { prompt: tokens.slice(0, 1), tokens: tokens.slice(1) };
}

function ended(tokens: Int32Array, { endToken }: LanguageTokenizer): Int32Array {
  return endToken === null || tokens.at(-1) === endToken ? tokens : Int32Array.of(...tokens, endToken);
}
