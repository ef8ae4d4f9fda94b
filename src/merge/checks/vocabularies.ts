import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { NamedCheckpoint } from '../../checkpoint/names';
import { readTokenizer } from '../tokenizer/tokenizer-file';
import type { Findings } from './findings';

const tokenizerFiles = ['tokenizer.json', 'tokenizer.model', 'vocab.json', 'vocab.txt', 'merges.txt', 'added_tokens.json'];

/** That a token means the same in two checkpoints, as far as their tokenizers' files tell. */
export async function checkVocabularies(first: NamedCheckpoint, other: NamedCheckpoint, all: Findings): Promise<void> {
  const findings = all.of('vocabulary');
  const [ours, theirs] = [first.checkpoint.directory, other.checkpoint.directory];
  if (!ours || !theirs || ours === theirs) return;
  for (const file of tokenizerFiles) {
    const [a, b] = await Promise.all([ours, theirs].map((directory) => readFile(path.join(directory, file)).catch(() => null)));
    if (!a || !b || a.equals(b)) continue;
    if (file === 'tokenizer.json') await compareTokens(first, other, findings);
    else findings.warnings.push(`${file} of ${first.name} and ${other.name} differ: one token may mean two things, and the soup gets ${first.name}'s`);
  }
}

const shown = 3;

/** A row of the embeddings that stands for two tokens is a mistake; tokens that only one has may be unused rows. */
async function compareTokens(first: NamedCheckpoint, other: NamedCheckpoint, { problems, warnings }: Findings): Promise<void> {
  const [a, b] = [await readTokenizer(first), await readTokenizer(other)];
  if (!a || !b) return;
  const moved = [...a.vocabulary].filter(([token, id]) => b.vocabulary.has(token) && b.vocabulary.get(token) !== id);
  const single = [...[...a.vocabulary.keys()].filter((token) => !b.vocabulary.has(token)), ...[...b.vocabulary.keys()].filter((token) => !a.vocabulary.has(token))];
  const some = (tokens: readonly string[]) => `${tokens.slice(0, shown).join(', ')}${tokens.length > shown ? ', …' : ''}`;
  if (moved.length > 0) problems.push(`tokenizer.json: ${moved.length} tokens have one id in ${first.name} and another in ${other.name} (${some(moved.map(([token, id]) => `${JSON.stringify(token)}: ${id} and ${String(b.vocabulary.get(token))}`))}) — say tokenizer_source in a mergekit configuration (soup merge), so that the rows are matched by token`);
  if (single.length > 0) warnings.push(`tokenizer.json: ${single.length} tokens are only in one of ${first.name} and ${other.name} (${some(single.map((token) => JSON.stringify(token)))}); the soup gets ${first.name}'s. To keep all of them, merge with tokenizer_source: union (soup merge)`);
  if (moved.length === 0 && single.length === 0) warnings.push(`tokenizer.json of ${first.name} and ${other.name} have the same tokens and other settings; the soup gets ${first.name}'s`);
}
