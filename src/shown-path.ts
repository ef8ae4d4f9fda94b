import path from 'node:path';

/** A path for reading: relative inside the working directory, else whole. An editor's process works in a directory that says nothing to its user. */
export function shownPath(file: string): string {
  const relative = path.relative(process.cwd(), file);
  if (relative === '') return '.';
  return relative.startsWith('..') || path.isAbsolute(relative) ? path.resolve(file) : relative;
}
