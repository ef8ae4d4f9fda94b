import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Node } from 'yaml';
import type { KeyPath, Range } from '../../experiment/yaml-source';

/** Where something may be typed in a YAML file. */
export interface TypingPlace {
  /** of the mapping whose key, or of the key whose value, is typed */
  readonly path: KeyPath;
  readonly of: 'key' | 'value';
  /** column at which the word starts that is typed */
  readonly start: number;
  /** between braces, where a value stands on the line of its key */
  readonly isFlow?: boolean;
}

const entry = /^(\s*(?:- +)*)(?:["']?([\w.-]*)["']?)?(\s*:(?:\s+|$))?(.*)$/;

/**
 * The key or value that is typed at a place, by indentation alone, so that it also works on a file that cannot be parsed
 * at the moment; between braces, by what stands before it in its line. Null inside comments, brackets and quotes.
 */
export function typingPlaceAt(lines: readonly string[], line: number, character: number): TypingPlace | null {
  const before = (lines[line] ?? '').slice(0, character);
  if (/(^|\s)#/.test(before)) return null;
  if (/[[{]/.test(before)) return flowPlaceAt(lines, line, before);
  const [, lead, key, colon, value] = entry.exec(before)!;
  const parent = pathOfParent(lines, line, lead!);
  if (parent === null) return null;
  if (colon === undefined) return value === '' ? { path: parent, of: 'key', start: character - (key ?? '').length } : null;
  return key === '' ? null : { path: [...parent, key!], of: 'value', start: character - value!.trimStart().length };
}

/** As `typingPlaceAt`, where braces stand before the place in its line: `train: { steps: 10, ga|`. */
function flowPlaceAt(lines: readonly string[], line: number, before: string): TypingPlace | null {
  if (/["'[\]]/.test(before)) return null;
  const open: number[] = [];
  for (const { index, 0: brace } of before.matchAll(/[{}]/g)) {
    if (brace === '{') open.push(index);
    else open.pop();
  }
  const first = open[0];
  if (first === undefined) return null;
  const [, lead, key, colon, value] = entry.exec(before.slice(0, first))!;
  const parent = value === '' && Boolean(key) === (colon !== undefined) ? pathOfParent(lines, line, lead!) : null;
  if (parent === null || (!key && !lead!.includes('-'))) return null;
  const path: PropertyKey[] = key ? [...parent, key] : [...parent];
  for (const [index, brace] of open.slice(1).entries()) {
    const inner = /([\w.-]+)\s*:\s*$/.exec(before.slice(open[index]! + 1, brace))?.[1];
    if (inner === undefined) return null;
    path.push(inner);
  }
  const typed = before.slice(open.at(-1)! + 1).split(',').at(-1)!;
  const word = /^\s*([\w.-]*)$/.exec(typed)?.[1];
  if (word !== undefined) return { path, of: 'key', start: before.length - word.length, isFlow: true };
  const pair = /^\s*([\w.-]+)\s*:\s+([^{}]*)$/.exec(typed);
  return pair ? { path: [...path, pair[1]!], of: 'value', start: before.length - pair[2]!.length, isFlow: true } : null;
}

/** Path of the mapping in which a line with this lead (blanks and dashes) has its key. */
function pathOfParent(lines: readonly string[], line: number, lead: string): KeyPath | null {
  const path: PropertyKey[] = [];
  let column = lead.length;
  const takeDashes = (at: number, text: string): void => {
    for (const { index } of [...text.matchAll(/-/g)].reverse()) {
      path.unshift(itemsBefore(lines, at, index));
      column = index;
    }
  };
  if (lead.includes('-')) takeDashes(line, lead);
  for (let above = line - 1; above >= 0 && (column > 0 || typeof path[0] === 'number'); above--) {
    const text = lines[above]!;
    if (text.trim() === '' || text.trimStart().startsWith('#')) continue;
    const [, aboveLead, key, colon, value] = entry.exec(text)!;
    const isSequenceOf = typeof path[0] === 'number' && aboveLead!.length === column && !aboveLead!.includes('-');
    if (aboveLead!.length < column || isSequenceOf) {
      if (!key || colon === undefined || (value !== '' && !value!.startsWith('#'))) return null;
      path.unshift(key);
      column = aboveLead!.length;
      if (aboveLead!.includes('-')) takeDashes(above, aboveLead!);
    } else if (aboveLead!.length === column && aboveLead!.includes('-')) takeDashes(above, aboveLead!);
  }
  return path;
}

/** Entries of the same list above a line. */
function itemsBefore(lines: readonly string[], line: number, dash: number): number {
  let items = 0;
  for (let above = line - 1; above >= 0; above--) {
    const text = lines[above]!;
    const indentation = text.length - text.trimStart().length;
    if (text.trim() === '') continue;
    if (indentation < dash || (indentation === dash && text[dash] !== '-')) break;
    if (indentation === dash) items++;
  }
  return items;
}

/** A key or a text value of a file, and where it stands. */
export interface FoundScalar {
  readonly path: KeyPath;
  readonly of: 'key' | 'value';
  readonly text: string;
  readonly range: Range;
}

/** The key or value at an offset; null between them. */
export function scalarAt(text: string, offset: number): FoundScalar | null {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, logLevel: 'silent' });
  const position = (at: number) => {
    const { line, col } = lines.linePos(at);
    return { line: line - 1, character: col - 1 };
  };
  const found = (node: unknown, path: KeyPath, of: 'key' | 'value'): FoundScalar | null => {
    if (!isScalar(node) || !node.range || offset < node.range[0] || offset > node.range[1]) return null;
    return { path, of, text: String(node.value), range: { start: position(node.range[0]), end: position(node.range[1]) } };
  };
  const search = (node: Node | null, path: KeyPath): FoundScalar | null => {
    if (isMap(node)) {
      for (const { key, value } of node.items) {
        const own = [...path, isScalar(key) ? String(key.value) : ''];
        const hit = found(key, own, 'key') ?? search(value as Node | null, own);
        if (hit) return hit;
      }
    } else if (isSeq(node)) {
      for (const [index, item] of node.items.entries()) {
        const hit = search(item as Node | null, [...path, index]);
        if (hit) return hit;
      }
    } else return found(node, path, 'value');
    return null;
  };
  return search(document.contents, []);
}
