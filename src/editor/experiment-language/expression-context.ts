/** A name that may stand in an expression, with what is shown beside it. */
export interface ExpressionName {
  readonly name: string;
  readonly kind: 'metric' | 'reward' | 'function' | 'constant';
  /** one line: a unit, an expression, a signature */
  readonly detail: string;
  readonly description: string;
}

/** A word of an expression and where it stands in its line. */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Blocks whose keys have expressions as values. */
const blocksOfExpressions = new Set(['rewards']);

/**
 * The word that ends at, or lies around, a place of an experiment file where an expression stands: the value of a
 * `reward:` key, or of any key in a `rewards:` block, in block or flow style. Null elsewhere. Works by indentation
 * alone, so that it also works on a file that is being typed and cannot be parsed.
 * @param lines the lines of the file
 */
export function expressionWordAt(lines: readonly string[], line: number, character: number): Word | null {
  const text = lines[line] ?? '';
  const before = text.slice(0, character);
  if (/(^|\s)#/.test(before)) return null;
  if (!isInReward(before) && !isInRewardsFlow(before) && !isValueInRewardsBlock(lines, line, before)) return null;
  const start = character - /[A-Za-z_]?\w*$/.exec(before)![0].length;
  const end = character + /^\w*/.exec(text.slice(character))![0].length;
  return { text: text.slice(start, end), start, end };
}

/** `reward: velo|`, also inside `{ … }`. */
function isInReward(before: string): boolean {
  return /(^|[\s{,])reward:\s+[^{}]*$/.test(before) && !/(^|[\s{,])reward:\s+[^{}]*,\s*\w+:[^{}]*$/.test(before);
}

/** `rewards: { risky: velo|` */
function isInRewardsFlow(before: string): boolean {
  return /(^|\s)rewards:\s*\{(.*,)?\s*[\w-]+:\s+[^{}]*$/.test(before);
}

function isValueInRewardsBlock(lines: readonly string[], line: number, before: string): boolean {
  const entry = /^(\s+)[\w"'-]+:\s+\S?.*$/.exec(before) ?? /^(\s+)[\w"'-]+:\s+$/.exec(before);
  if (!entry) return false;
  const parent = parentKey(lines, line, entry[1]!.length);
  return parent !== null && blocksOfExpressions.has(parent);
}

/** The key of the nearest line above that is indented less. */
function parentKey(lines: readonly string[], line: number, indentation: number): string | null {
  for (let above = line - 1; above >= 0; above--) {
    const text = lines[above]!;
    if (text.trim() === '' || text.trimStart().startsWith('#')) continue;
    if (text.length - text.trimStart().length < indentation) return /^\s*([\w-]+):\s*(#.*)?$/.exec(text)?.[1] ?? null;
  }
  return null;
}
