import { LineCounter, isMap, isScalar, parseDocument, type Pair } from 'yaml';

/** Lines of an experiment file, from 0, that have actions of their own. */
export interface LensLines {
  /** of the key that makes the file a study */
  readonly study: number | null;
  /** of each variant's key; a variant is a study where the file is one, or where it has that key itself */
  readonly variants: readonly { readonly variant: string; readonly line: number; readonly isStudy: boolean }[];
}

/** Finds the lines also in a file that is wrong elsewhere. */
export function lensLines(text: string): LensLines {
  const lines = new LineCounter();
  const file = parseDocument(text, { lineCounter: lines, logLevel: 'silent' }).contents;
  const lineOf = ({ key }: Pair): number | null => (isScalar(key) && key.range ? lines.linePos(key.range[0]).line - 1 : null);
  const pairOf = (map: unknown, name: string): Pair | undefined => (isMap(map) ? map.items.find(({ key }) => isScalar(key) && key.value === name) : undefined);
  const study = pairOf(file, 'study');
  const variants = pairOf(file, 'variants')?.value;
  return {
    study: study ? lineOf(study) : null,
    variants: !isMap(variants) ? [] : variants.items.flatMap((pair) => {
      const line = lineOf(pair);
      return line === null ? [] : [{ variant: String((pair.key as { readonly value: unknown }).value), line, isStudy: study !== undefined || pairOf(pair.value, 'study') !== undefined }];
    }),
  };
}
