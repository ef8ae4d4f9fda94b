import { parse } from 'yaml';
import type { z } from 'zod';
import { factsAt, keysAt, schemaAt, type KeyFacts } from '../../experiment/schema-at';
import { isFilePath } from '../../experiment/file-path';
import type { KeyPath } from '../../experiment/yaml-source';
import { factsText, type FactWords } from './facts-text';
import type { FoundScalar } from './place';

/** A value of a key, with one line about it. */
export interface KnownValue {
  readonly value: string;
  readonly description: string;
}

/** What an editor says of the keys of a kind of file. */
export interface Vocabulary {
  /** keys that the mapping at a path may have */
  keys(path: KeyPath): readonly string[];
  facts(path: KeyPath): KeyFacts | null;
  values(path: KeyPath): readonly KnownValue[];
  isFilePath(path: KeyPath): boolean;
}

/** The vocabulary of a schema, for a file as it stands: which keys there are may follow from what others say. */
export function schemaVocabulary(schema: z.ZodType, value: unknown): Vocabulary {
  const file = { schema, value };
  return {
    keys: (path) => keysAt(file, path),
    facts: (path) => factsAt(file, path),
    values: (path) => (factsAt(file, path)?.values ?? []).map((entry) => ({ value: String(entry), description: '' })),
    isFilePath(path) {
      const found = schemaAt(file, path);
      return found !== null && isFilePath(found);
    },
  };
}

/** The file as plain values, however broken the line is that is typed at the moment. */
export function lenientValue(lines: readonly string[], typed: number | null): unknown {
  for (const text of [lines, ...(typed === null ? [] : [lines.filter((_, index) => index !== typed)])].map((rows) => rows.join('\n'))) {
    try {
      const value: unknown = parse(text, { logLevel: 'silent' });
      if (typeof value === 'object' && value !== null) return value;
    } catch {
      // without the line, perhaps
    }
  }
  return {};
}

/** What a hover says of a key, or of one of the values that a key may have; null of anything else. */
export function hoverText(vocabulary: Vocabulary, { path, of, text }: Pick<FoundScalar, 'path' | 'of' | 'text'>, words: FactWords): string | null {
  const known = of === 'value' ? vocabulary.values(path).find(({ value }) => value === text) : undefined;
  if (of === 'value' && !known) return null;
  if (known?.description) return `**${known.value}**\n\n${known.description}`;
  const facts = vocabulary.facts(path);
  return facts && factsText(String(path.at(-1)), facts, words);
}
