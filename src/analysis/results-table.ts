import { SoupError } from '../errors';
import { spread } from './mean-inference';
import type { Measurement, PointKind, ResultPoint } from './results';
import { checkSimplex, weightsText } from './simplex';

const kinds: readonly string[] = ['init', 'expert', 'soup', 'morl'];

/**
 * Reads the CSV form of results: `kind`, optional `name`, `w:<expert>`…, `r:<reward>`…, optionally `se:<reward>`,
 * `n:<reward>`, `c:training` and `c:evaluation` (what a point cost).
 * @param file named in errors
 * @throws SoupError `ResultsTableError` with line and column
 */
export function parseResultsCsv(text: string, file: string): ResultPoint[] {
  const lines = text.split(/\r?\n/).map((line, index) => ({ line, number: index + 1 })).filter(({ line }) => line.trim() !== '');
  const fail = (number: number, what: string) => new SoupError('ResultsTableError', `${file}:${number}: ${what}`);
  if (lines.length === 0) throw fail(1, 'is empty');
  const columns = cells(lines[0].line).map((column) => column.trim());
  const rewards = columns.filter((column) => column.startsWith('r:')).map((column) => column.slice(2));
  const experts = columns.filter((column) => column.startsWith('w:')).map((column) => column.slice(2));
  if (!columns.includes('kind')) throw fail(1, 'has no column "kind"');
  if (rewards.length === 0) throw fail(1, 'has no reward column ("r:<reward>")');
  const strange = columns.find((column) => column !== 'kind' && column !== 'name' && !/^((w|r|se|n):.|c:(training|evaluation)$)/.test(column));
  if (strange !== undefined) throw fail(1, `unknown column "${strange}"; known are kind, name, w:<expert>, r:<reward>, se:<reward>, n:<reward>, c:training, c:evaluation`);
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  if (twice !== undefined) throw fail(1, `the column "${twice}" is there twice`);

  return lines.slice(1).map(({ line, number }): ResultPoint => {
    const values = cells(line);
    if (values.length !== columns.length) throw fail(number, `has ${values.length} cells, the header ${columns.length}`);
    const cell = (column: string) => (columns.includes(column) ? values[columns.indexOf(column)].trim() : '');
    const numberIn = (column: string): number | undefined => {
      if (cell(column) === '') return undefined;
      const value = Number(cell(column));
      if (!Number.isFinite(value)) throw fail(number, `${column}: "${cell(column)}" is not a number`);
      return value;
    };
    const kind = cell('kind');
    if (!kinds.includes(kind)) throw fail(number, `unknown kind "${kind}"; known are ${kinds.join(', ')}`);
    const given = experts.map((expert) => [expert, numberIn(`w:${expert}`)] as const);
    const weights = given.some(([, weight]) => weight !== undefined) ? Object.fromEntries(given.map(([expert, weight]) => [expert, weight ?? 0])) : null;
    if (weights) checkSimplex(weights, `${file}:${number}`);
    if (!weights && kind === 'soup') throw fail(number, 'a soup has to have weights');
    const measurements = rewards.map((reward): [string, Measurement] => {
      const mean = numberIn(`r:${reward}`);
      if (mean === undefined) throw fail(number, `r:${reward} is empty`);
      const stderr = numberIn(`se:${reward}`);
      const n = numberIn(`n:${reward}`);
      return [reward, { mean, ...(stderr === undefined ? {} : { stderr }), ...(n === undefined ? {} : { n }) }];
    });
    const name = cell('name') || (weights ? weightsText(weights) : kind);
    const [training, evaluation] = [numberIn('c:training'), numberIn('c:evaluation')];
    const compute = training === undefined && evaluation === undefined ? {} : { compute: { training: training ?? 0, evaluation: evaluation ?? 0 } };
    return { kind: kind as PointKind, name, weights, rewards: Object.fromEntries(measurements), ...compute };
  });
}

/** Cells of one CSV line; double quotes protect commas, and themselves when doubled (RFC 4180). */
function cells(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => (quoted !== undefined ? quoted.replaceAll('""', '"') : plain));
}

/** Reads results.jsonl; a torn last line is left out. @throws SoupError with the line */
export function parseResultsJsonl(text: string, file: string): ResultPoint[] {
  const lines = text.split('\n');
  return lines.flatMap((line, index): ResultPoint[] => {
    if (line.trim() === '') return [];
    const where = `${file}:${index + 1}`;
    let point: ResultPoint;
    try {
      point = JSON.parse(line) as ResultPoint;
    } catch (cause) {
      if (index === lines.length - 1) return [];
      throw new SoupError('ResultsTableError', `${where}: is not JSON (${(cause as Error).message})`, { cause });
    }
    if (!kinds.includes(point?.kind)) throw new SoupError('ResultsTableError', `${where}: unknown kind ${JSON.stringify(point?.kind)}; known are ${kinds.join(', ')}`);
    const means = Object.entries(point.rewards ?? {});
    if (means.length === 0) throw new SoupError('ResultsTableError', `${where}: has no rewards`);
    for (const [reward, measurement] of means) checkMeasurement(measurement, reward, where);
    const weights = point.weights ?? null;
    if (weights) checkSimplex(weights, where);
    return [{ ...point, weights, name: point.name ?? (weights ? weightsText(weights) : point.kind) }];
  });
}

/** How far a mean that was rounded when it was written may lie from its samples', as a share of the largest of these. */
const roundedMean = 1e-3;

/** Estimates rest on means, intervals and tests on samples: both have to speak of one thing. */
function checkMeasurement(measurement: Measurement | undefined, reward: string, where: string): void {
  if (!Number.isFinite(measurement?.mean)) throw new SoupError('ResultsTableError', `${where}: the mean of ${reward} is not a number`);
  const { mean, samples = [] } = measurement!;
  if (!Array.isArray(samples) || !samples.every(Number.isFinite)) throw new SoupError('ResultsTableError', `${where}: the samples of ${reward} are not all numbers`);
  if (samples.length === 0) return;
  const { mean: ofSamples, scale } = spread(samples);
  if (Math.abs(mean - ofSamples) > roundedMean * scale) throw new SoupError('ResultsTableError', `${where}: the mean of ${reward} is ${mean}, but its samples average ${ofSamples}: write the mean of these very samples`);
}

/** The CSV form, which {@link parseResultsCsv} reads back. */
export function toResultsCsv(points: readonly ResultPoint[]): string {
  const experts = [...new Set(points.flatMap(({ weights }) => Object.keys(weights ?? {})))];
  const rewards = Object.keys(points[0]?.rewards ?? {});
  const quoted = (value: string) => (/[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  const costs = points.some(({ compute }) => compute) ? (['training', 'evaluation'] as const) : [];
  const header = ['kind', 'name', ...experts.map((expert) => `w:${expert}`), ...rewards.flatMap((reward) => [`r:${reward}`, `se:${reward}`, `n:${reward}`]), ...costs.map((cost) => `c:${cost}`)];
  const rows = points.map((point) => [
    point.kind,
    quoted(point.name),
    ...experts.map((expert) => (point.weights ? String(point.weights[expert] ?? 0) : '')),
    ...rewards.flatMap((reward) => [point.rewards[reward].mean, point.rewards[reward].stderr ?? '', point.rewards[reward].n ?? ''].map(String)),
    ...costs.map((cost) => String(point.compute?.[cost] ?? '')),
  ]);
  return [header.map(quoted), ...rows].map((row) => row.join(',')).join('\n') + '\n';
}
