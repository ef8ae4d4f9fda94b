import type { LanguageTokenizer } from '../../models/language/tokenizer';
import { parseLine, promptsError, readLines } from './prompts';
import type { TokenSequence } from './token-batch';

/**
 * Sequences to learn from a file: of a .txt, each line is a text; of a .jsonl, `text`, or `prompt` with `completion`
 * (or `reference`, the first of a list), of which the completion alone is learned. The end of text is learned as well.
 * @param longest tokens after which a sequence is cut
 * @throws SoupError PromptsError with file and line
 */
export async function readSequences(file: string, tokenizer: LanguageTokenizer, longest: number): Promise<TokenSequence[]> {
  const isJson = file.endsWith('.jsonl');
  const sequences = (await readLines(file)).map(({ text, line }) => (isJson ? sequenceOf(parseLine(file, line, text), `${file}:${line}`, tokenizer) : whole(text, tokenizer)));
  const long = sequences.map(({ prompt, tokens }) => ({ prompt, tokens: tokens.slice(0, Math.max(0, longest - prompt.length)) })).filter(({ tokens }) => tokens.length > 0);
  if (long.length === 0) throw promptsError(file, 'has nothing to learn');
  return long;
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
