import { isMap, isSeq, parseDocument, type YAMLMap } from 'yaml';

/** Text to be put into a file. */
export interface Insertion {
  readonly offset: number;
  readonly text: string;
}

/**
 * What adds a λ to `sweep.points` of an experiment file, leaving every other character as it is.
 * @param text of a file without syntax errors
 * @param variant whose own `sweep.points` is added to, where it has one; the file's else
 */
export function sweepPointInsertion(text: string, weights: Readonly<Record<string, number>>, variant: string | null): Insertion {
  const document = parseDocument(text);
  const own = variant === null ? null : ['variants', variant, 'sweep', 'points'];
  const path = own && document.hasIn(own) ? own.slice(0, -1) : ['sweep'];
  const point = `{ ${Object.entries(weights).map(([name, weight]) => `${name}: ${weight}`).join(', ')} }`;
  const sweep = document.getIn(path);
  if (!isMap(sweep)) return { offset: text.length, text: `${text === '' || text.endsWith('\n') ? '' : '\n'}sweep:\n  points:\n    - ${point}\n` };
  const points = sweep.get('points');
  if (isSeq(points)) {
    if (points.flow) return { offset: endOf(points) - 1, text: `${points.items.length > 0 ? ', ' : ''}${point}` };
    const indent = columnOf(text, points.range![0]);
    return afterLine(text, endOf(points.items.at(-1) as YAMLMap), `${' '.repeat(indent)}- ${point}`);
  }
  if (sweep.flow) return { offset: text.lastIndexOf('}', endOf(sweep) - 1), text: `${sweep.items.length > 0 ? ', ' : ' '}points: [${point}] ` };
  const indent = ' '.repeat(columnOf(text, sweep.range![0]));
  const last = sweep.items.at(-1)!;
  return afterLine(text, endOf((last.value ?? last.key) as YAMLMap), `${indent}points:\n${indent}  - ${point}`);
}

/** Where a node's own text ends. */
function endOf({ range }: Pick<YAMLMap, 'range'>): number {
  return range![1];
}

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1);
}

/** A line of its own behind the one in which a node ends, comments of that line included. */
function afterLine(text: string, offset: number, line: string): Insertion {
  // a block node may end at the beginning of the next line
  const at = text.slice(0, offset).trimEnd().length;
  const end = text.indexOf('\n', at);
  return end < 0 ? { offset: text.length, text: `\n${line}\n` } : { offset: end + 1, text: `${line}\n` };
}
