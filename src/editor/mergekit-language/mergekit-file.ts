/** Whether a YAML text is a mergekit configuration: it names a merge method at its top level. */
export function isMergekitText(text: string): boolean {
  return mergeMethodLine(text) !== null;
}

/** The line, from 0, that names the merge method; null in any other YAML. */
export function mergeMethodLine(text: string): number | null {
  const line = text.split('\n').findIndex((row) => /^["']?merge_method["']?\s*:/.test(row));
  return line < 0 ? null : line;
}
