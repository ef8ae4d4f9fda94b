import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';

/** GPT-2's split of text into words, with their leading space, numbers, punctuation and runs of spaces. */
const words = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

/** GPT-2's printable character of each byte: the byte itself where it prints, else one from 256 on. */
function byteCharacters(): string[] {
  const prints = (byte: number): boolean => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(prints(byte) ? byte : next++));
}

interface Word {
  /** as tokens of the merges so far */
  symbols: number[];
  readonly count: number;
}

export interface BytePairVocabulary {
  /** texts of all tokens by id, in byte characters; special tokens first */
  readonly tokens: readonly string[];
  readonly merges: readonly (readonly [string, string])[];
}

/**
 * Byte-level byte pair encoding (Sennrich et al. 2016; Radford et al. 2019): starts from the 256 bytes and joins the most
 * frequent neighbouring pair until the vocabulary is full; of equally frequent pairs the one with the lower ids.
 * @param texts what the pairs are counted in
 * @param size of the vocabulary, bytes and special tokens included
 */
export function trainBytePairs(texts: Iterable<string>, size: number, special: readonly string[]): BytePairVocabulary {
  const tokens = [...special, ...byteCharacters()];
  const merges: [string, string][] = [];
  const list = countWords(texts, special.length);
  while (tokens.length < size) {
    const best = mostFrequentPair(list);
    if (!best) break;
    const [left, right] = best;
    merges.push([tokens[left]!, tokens[right]!]);
    tokens.push(tokens[left]! + tokens[right]!);
    for (const word of list) word.symbols = joinPair(word.symbols, left, right, tokens.length - 1);
  }
  return { tokens, merges };
}

function countWords(texts: Iterable<string>, firstByte: number): Word[] {
  const counts = new Map<string, number>();
  for (const text of texts) for (const [word] of text.matchAll(words)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return Array.from(counts, ([word, count]) => ({ symbols: Array.from(Buffer.from(word), (byte) => firstByte + byte), count }));
}

/** The pair that occurs most often, at least twice. */
function mostFrequentPair(list: readonly Word[]): readonly [number, number] | null {
  const counts = new Map<number, number>();
  for (const { symbols, count } of list) {
    for (let i = 1; i < symbols.length; i++) {
      const key = symbols[i - 1]! * 2 ** 26 + symbols[i]!;
      counts.set(key, (counts.get(key) ?? 0) + count);
    }
  }
  let best = -1;
  let most = 1;
  for (const [key, count] of counts) if (count > most || (count === most && best >= 0 && key < best)) [best, most] = [key, count];
  return best < 0 ? null : [Math.floor(best / 2 ** 26), best % 2 ** 26];
}

function joinPair(symbols: number[], left: number, right: number, joined: number): number[] {
  if (!symbols.includes(left)) return symbols;
  const result: number[] = [];
  for (let i = 0; i < symbols.length; i++) {
    if (symbols[i] === left && symbols[i + 1] === right) {
      result.push(joined);
      i++;
    } else result.push(symbols[i]!);
  }
  return result;
}

/**
 * Writes `tokenizer.json` and `tokenizer_config.json` that transformers, tokenizers and `openTokenizer` read as a GPT-2
 * tokenizer; the special token (default `<|endoftext|>`) begins and ends texts and pads.
 */
export async function writeBytePairTokenizer(directory: string, { tokens, merges }: BytePairVocabulary, endOfText = '<|endoftext|>'): Promise<void> {
  const end = tokens.indexOf(endOfText);
  const added = { id: end, content: endOfText, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [added],
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: { type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: false, byte_fallback: false, ignore_merges: false, vocab: Object.fromEntries(tokens.map((token, id) => [token, id])), merges },
  };
  const config = { tokenizer_class: 'PreTrainedTokenizerFast', bos_token: endOfText, eos_token: endOfText, pad_token: endOfText, clean_up_tokenization_spaces: false };
  await mkdir(directory, { recursive: true });
  await writeFileAtomic(path.join(directory, 'tokenizer.json'), `${JSON.stringify(tokenizer)}\n`);
  await writeFileAtomic(path.join(directory, 'tokenizer_config.json'), `${JSON.stringify(config, null, 2)}\n`);
}
