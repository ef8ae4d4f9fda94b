import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { paretoFront } from '../../../src/analysis/front';
import { checkLmc } from '../../../src/analysis/lmc';
import { answerOf } from '../../../src/analysis/preference-search';
import type { ResultPoint } from '../../../src/analysis/results';
import { writeReport } from '../../../src/report/report';

const samples = (level: number) => [0.1, -0.2, 0.05, 0.05].map((noise, k) => level + noise * (k + 1));
const point = (kind: ResultPoint['kind'], name: string, weights: Record<string, number> | null, fast: number, calm: number): ResultPoint => {
  const measured = (level: number) => ({ mean: samples(level).reduce((sum, value) => sum + value) / 4, samples: samples(level), n: 4 });
  return { kind, name, weights, rewards: { fast: measured(fast), calm: measured(calm) }, metrics: { energy: measured(fast / 2) } };
};

test('the report says the verdict in words and draws every chart', async () => {
  const output = mkdtempSync(path.join(tmpdir(), 'report-'));
  try {
    const points = [point('init', 'init', null, 0, 0), point('expert', 'a<b', { 'a<b': 1, b: 0 }, 4, 1), point('soup', 'half', { 'a<b': 0.5, b: 0.5 }, 3, 3), point('expert', 'b', { 'a<b': 0, b: 1 }, 1, 4)];
    const index = await writeReport({ title: 'Cheetah & co', points, lmc: checkLmc(points), front: paretoFront(points), output });
    expect(readdirSync(output).sort()).toEqual(['front-fast-calm.svg', 'index.html', 'lmc-calm.svg', 'lmc-fast.svg', 'results.csv', 'spider-map.svg']);
    const html = readFileSync(index, 'utf8');
    expect(html).toContain('Cheetah &amp; co');
    expect(html).toContain('Linear mode connectivity: holds');
    expect(html).toContain('a&lt;b');
    expect(html).not.toMatch(/<script|NaN|undefined/);
    expect(html.match(/<svg/g)).toHaveLength(4);
  } finally {
    rmSync(output, { recursive: true });
  }
});

test('what a search found: its answer, a chart, and every λ in the order of evaluation', async () => {
  const output = mkdtempSync(path.join(tmpdir(), 'report-'));
  try {
    const points = [point('expert', 'a', { a: 1, b: 0 }, 4, 1), point('expert', 'b', { a: 0, b: 1 }, 1, 4), point('soup', 'half', { a: 0.5, b: 0.5 }, 3, 3)];
    const answer = answerOf(points, { preference: 'min(fast, calm)' })!;
    const index = await writeReport({ title: 'x', points, lmc: checkLmc(points), front: paretoFront(points), answers: [answer], output });
    const html = readFileSync(index, 'utf8');
    expect(html).toContain('λ = a 0.5, b 0.5, after 3 λ; a grid of 11 values an edge has 11');
    expect(html).toMatch(/\+2(\.\d+)? against the best expert/);
    expect(html).not.toMatch(/NaN|undefined/);
    const svg = readFileSync(path.join(output, 'search-1.svg'), 'utf8');
    expect(svg.match(/aria-roledescription="point"/g)).toHaveLength(3 + 1); // three λ, one ring
    expect(svg).toContain('Search for min(fast, calm)');
  } finally {
    rmSync(output, { recursive: true });
  }
});

test('rewards by any name stay in the folder of the report; four experts have their λ in a square', async () => {
  const output = mkdtempSync(path.join(tmpdir(), 'report-'));
  try {
    const at = (kind: ResultPoint['kind'], weights: Record<string, number>, value: number): ResultPoint => ({ kind, name: JSON.stringify(weights), weights, rewards: { '../F1/macro': { mean: value } } });
    const points = [...['a', 'b', 'c', 'd'].map((name) => at('expert', { [name]: 1 }, 1)), at('soup', { a: 0.5, c: 0.5 }, 2), at('soup', { b: 0.5, d: 0.5 }, 0.5)];
    await writeReport({ title: 'x', points, lmc: checkLmc(points), front: paretoFront(points), output });
    expect(readdirSync(output).sort()).toEqual(['index.html', 'lmc-..%2FF1%2Fmacro.svg', 'results.csv', 'simplex-..%2FF1%2Fmacro.svg']);
    expect(readFileSync(path.join(output, 'index.html'), 'utf8')).not.toMatch(/NaN|undefined/);
  } finally {
    rmSync(output, { recursive: true });
  }
});
