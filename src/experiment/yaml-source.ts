import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import type { TextSpan } from './expression-error';

/** Zero-based, as in an editor; `character` counts UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

export interface Range {
  readonly start: Position;
  readonly end: Position;
}

export type KeyPath = readonly PropertyKey[];

/** A YAML text that knows where each of its keys and values stands. */
export class YamlSource {
  readonly document: Document;
  private readonly lines = new LineCounter();

  constructor(readonly text: string) {
    this.document = parseDocument(text, { lineCounter: this.lines, prettyErrors: false, merge: true });
  }

  /** The range of offsets [start, end). */
  range(start: number, end: number): Range {
    return { start: this.position(start), end: this.position(Math.max(start, end)) };
  }

  /** The value at a path; where the file has no such key, the key of its nearest ancestor. */
  rangeOfValue(path: KeyPath): Range {
    const node = this.node(path);
    if (node?.range) return this.range(node.range[0], node.range[1]);
    return path.length === 0 ? this.range(0, 0) : this.rangeOfKey(path);
  }

  /** The key at a path; where the file has no such key, that of its nearest ancestor. */
  rangeOfKey(path: KeyPath): Range {
    for (let length = path.length; length > 0; length--) {
      const parent = this.node(path.slice(0, length - 1));
      const key = path[length - 1];
      const found = isMap(parent) ? parent.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key))?.key : isSeq(parent) ? parent.items[Number(key)] : undefined;
      if (isNode(found) && found.range) return this.range(found.range[0], found.range[1]);
    }
    return this.range(0, 0);
  }

  /** A part of a text value. Where quoting or folding hides its offsets, the whole value. */
  rangeInValue(path: KeyPath, span: TextSpan): Range {
    const node = this.node(path);
    if (!isScalar(node) || typeof node.value !== 'string' || !node.range) return this.rangeOfValue(path);
    const { value } = node;
    const quote = node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE' ? 1 : 0;
    const start = node.range[0] + quote;
    if (this.text.slice(start, start + value.length) !== value) return this.rangeOfValue(path);
    return this.range(start + span.offset, start + Math.min(value.length, span.offset + Math.max(1, span.length)));
  }

  has(path: KeyPath): boolean {
    return this.document.hasIn([...path]);
  }

  private node(path: KeyPath): Node | null {
    const node = path.length === 0 ? this.document.contents : this.document.getIn([...path], true);
    return isNode(node) ? node : null;
  }

  private position(offset: number): Position {
    const { line, col } = this.lines.linePos(Math.min(offset, this.text.length));
    return { line: Math.max(0, line - 1), character: Math.max(0, col - 1) };
  }
}
