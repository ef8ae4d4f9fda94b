import { isMap, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type { Position, Range } from '../../experiment/yaml-source';

/** The edits that scale the numbers of the mapping at a place to sum to 1; null where there is no such mapping, or its sum is 0. */
export function normalisedWeights(text: string, at: Position): { readonly range: Range; readonly text: string }[] | null {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, logLevel: 'silent' });
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: line - 1, character: col - 1 };
  };
  let edits: { range: Range; text: string }[] | null = null;
  visit(document, {
    Map(_, map) {
      const start = map.range && position(map.range[0]);
      if (!start || start.line !== at.line || start.character !== at.character) return undefined;
      const values = map.items.map(({ value }) => value).filter((value) => isScalar(value) && typeof value.value === 'number');
      const scaled = onSimplex(values.map((value) => (isScalar(value) ? Number(value.value) : 0)));
      if (isMap(map) && scaled && values.length === map.items.length) {
        edits = values.flatMap((value, index) => (isScalar(value) && value.range ? [{ range: { start: position(value.range[0]), end: position(value.range[1]) }, text: String(scaled[index]) }] : []));
      }
      return visit.BREAK;
    },
  });
  return edits;
}

/** Weights over their sum, to four decimals, the largest taking what rounding leaves. */
function onSimplex(weights: readonly number[]): number[] | null {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (weights.length === 0 || sum <= 0 || weights.some((weight) => weight < 0)) return null;
  const units = weights.map((weight) => Math.round((weight / sum) * 10_000));
  units[weights.indexOf(Math.max(...weights))]! += 10_000 - units.reduce((total, unit) => total + unit, 0);
  return units.map((unit) => unit / 10_000);
}
