import { LineCounter, isMap, isScalar, parseDocument } from 'yaml';

/** The variants of an experiment file and the line, from 0, on which each one's key stands. */
export function variantLines(text: string): { readonly variant: string; readonly line: number }[] {
  const lines = new LineCounter();
  const variants = parseDocument(text, { lineCounter: lines, logLevel: 'silent' }).get('variants');
  if (!isMap(variants)) return [];
  return variants.items.flatMap(({ key }) => (isScalar(key) && key.range ? [{ variant: String(key.value), line: lines.linePos(key.range[0]).line - 1 }] : []));
}
