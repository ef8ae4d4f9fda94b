import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { NamedCheckpoint } from '../../checkpoint/names';
import { comparedFiles, isTiktoken, tokenizerDirectory, vocabularyFile } from '../tokenizer/tokenizer-directory';
import { readTokenizer } from '../tokenizer/tokenizer-file';
import type { Findings } from './findings';

const shown = 3;

/**
 * That a token means the same in two checkpoints, as far as their tokenizers' files tell. A row of the embeddings that
 * stands for two tokens is a mistake; tokens that only one has may be unused rows.
 */
export async function checkVocabularies(first: NamedCheckpoint, other: NamedCheckpoint, all: Findings): Promise<void> {
  const [ours, theirs] = [await tokenizerDirectory(first.checkpoint), await tokenizerDirectory(other.checkpoint)];
  if (!ours || !theirs || ours === theirs) return;
  const differing = await differingFiles(ours, theirs);
  // tokens that were added are elsewhere in the older forms
  if (differing.length === 0 && (await vocabularyFile(ours)) === 'tokenizer.json' && (await vocabularyFile(theirs)) === 'tokenizer.json') return;
  const { problems, warnings } = all.of('vocabulary');
  const [a, b] = [await readTokenizer(first), await readTokenizer(other)];
  if (!a || !b) return;
  const where = a.file === b.file ? a.file : `${a.file} and ${b.file}`;
  const moved = [...a.vocabulary].filter(([token, id]) => b.vocabulary.has(token) && b.vocabulary.get(token) !== id);
  const single = [...[...a.vocabulary.keys()].filter((token) => !b.vocabulary.has(token)), ...[...b.vocabulary.keys()].filter((token) => !a.vocabulary.has(token))];
  const some = (tokens: readonly string[]) => `${tokens.slice(0, shown).join(', ')}${tokens.length > shown ? ', …' : ''}`;
  if (moved.length > 0) problems.push(`${where}: ${moved.length} tokens have one id in ${first.name} and another in ${other.name} (${some(moved.map(([token, id]) => `${JSON.stringify(token)}: ${id} and ${String(b.vocabulary.get(token))}`))}) — say tokenizer_source in a mergekit configuration (soup merge), so that the rows are matched by token`);
  if (single.length > 0) warnings.push(`${where}: ${single.length} tokens are only in one of ${first.name} and ${other.name} (${some(single.map((token) => JSON.stringify(token)))}); the soup gets ${first.name}'s. To keep all of them, merge with tokenizer_source: union (soup merge)`);
  if (moved.length === 0 && single.length === 0 && differing.length > 0) warnings.push(`${differing.join(' and ')} of ${first.name} and ${other.name} have the same tokens and other settings; the soup gets ${first.name}'s`);
}

/** Names of the vocabularies' files that both have, with other bytes. */
async function differingFiles(ours: string, theirs: string): Promise<string[]> {
  const own = await vocabularyFile(ours);
  const differing: string[] = [];
  for (const file of own !== null && isTiktoken(own) ? [...comparedFiles, own] : comparedFiles) {
    const [a, b] = await Promise.all([ours, theirs].map((directory) => readFile(path.join(directory, file)).catch(() => null)));
    if (a && b && !a.equals(b)) differing.push(file);
  }
  return differing;
}
