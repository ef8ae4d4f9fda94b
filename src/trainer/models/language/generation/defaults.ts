import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { invalidConfig } from '../../../../architecture/errors';
import type { LanguageTokenizer } from '../tokenizer';

/** What a model's files say about how it ends. */
export interface GenerationDefaults {
  readonly endTokens: readonly number[];
}

/** End-of-text tokens of `generation_config.json`, else of config.json, else of the tokenizer. */
export async function readGenerationDefaults(directory: string, config: Readonly<Record<string, unknown>>, tokenizer: LanguageTokenizer): Promise<GenerationDefaults> {
  const file = path.join(directory, 'generation_config.json');
  const text = await readFile(file, 'utf8').catch(() => null);
  let generation: Record<string, unknown> = {};
  try {
    if (text !== null) generation = JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw invalidConfig(file, 'the file', 'a JSON object', text?.slice(0, 40));
  }
  const said = generation.eos_token_id ?? config.eos_token_id ?? tokenizer.endToken;
  const tokens = said === null || said === undefined ? [] : Array.isArray(said) ? said : [said];
  if (!tokens.every((token): token is number => Number.isInteger(token))) throw invalidConfig(file, 'eos_token_id', 'a token or a list of tokens', said);
  return { endTokens: tokens };
}
