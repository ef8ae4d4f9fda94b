import path from 'node:path';
import { experimentSchema } from '../../../experiment/schema';
import type { KeyPath, Position } from '../../../experiment/yaml-source';
import { locateModel } from '../../../merge/mergekit/models';
import { mergekitVocabulary } from '../../mergekit-language/mergekit-vocabulary';
import { definitionFile } from '../definition-file';
import type { FactWords } from '../facts-text';
import { scalarAt, typingPlaceAt } from '../place';
import { hoverText, lenientValue, schemaVocabulary, type Vocabulary } from '../vocabulary';
import type { Completions, LanguageId, LanguageResults } from './work';

interface Language {
  vocabulary(value: unknown): Vocabulary;
  /** The file or directory of a path in it. @throws SoupError where there is none */
  locate(reference: string, directory: string): Promise<string>;
}

const languages: Readonly<Record<LanguageId, Language>> = {
  experiment: { vocabulary: (value) => schemaVocabulary(experimentSchema, value), locate: async (reference, directory) => path.resolve(directory, reference) },
  mergekit: { vocabulary: mergekitVocabulary, locate: locateModel },
};

/** What may be typed at a place; null where that is no key and no value. */
export function completionsAt(language: LanguageId, text: string, { line, character }: Position): Completions | null {
  const lines = linesOf(text);
  const place = typingPlaceAt(lines, line, character);
  if (!place) return null;
  const value = lenientValue(lines, line);
  const vocabulary = languages[language].vocabulary(value);
  const { of, start, isFlow = false } = place;
  if (of === 'value') return { of, start, isFlow, items: vocabulary.values(place.path).map((known) => ({ label: known.value, description: known.description, facts: null })) };
  const present = keysOf(value, place.path);
  const keys = vocabulary.keys(place.path).filter((key) => !present.includes(key));
  return { of, start, isFlow, items: keys.map((key) => ({ label: key, description: '', facts: vocabulary.facts([...place.path, key]) })) };
}

/** What is said of the key, or the value, at an offset. */
export function hoverAt(language: LanguageId, text: string, offset: number, words: FactWords): string | null {
  const found = scalarAt(text, offset);
  return found && hoverText(languages[language].vocabulary(lenientValue(linesOf(text), null)), found, words);
}

/** The files that the path at an offset leads to; null where there is no path. */
export async function definitionAt(language: LanguageId, text: string, offset: number, directory: string): Promise<LanguageResults['definition']> {
  const found = scalarAt(text, offset);
  if (found?.of !== 'value' || !languages[language].vocabulary(lenientValue(linesOf(text), null)).isFilePath(found.path)) return null;
  return { range: found.range, files: await definitionFiles(languages[language], found.text, directory) };
}

/** `base+adapter` are two; what is not there is said by the run, not here. */
async function definitionFiles({ locate }: Language, reference: string, directory: string): Promise<string[]> {
  try {
    const located = await locate(reference, directory);
    return (await Promise.all(located.split('+').map(definitionFile))).filter((file) => file !== null);
  } catch {
    return [];
  }
}

function keysOf(value: unknown, at: KeyPath): readonly string[] {
  const found = at.reduce<unknown>((inner, key) => (typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined), value);
  return typeof found === 'object' && found !== null ? Object.keys(found) : [];
}

const linesOf = (text: string): string[] => text.split(/\r?\n/);
