import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { version } from '../../package.json';
import type { Interval } from '../analysis/bootstrap';
import { findingLine, type Finding } from '../analysis/diagnosis';
import { frontText } from '../analysis/front-text';
import { toResultsCsv } from '../analysis/results-table';
import type { FrontReport, LmcReport, ResultPoint } from '../analysis/results';
import type { Selection } from '../analysis/selection';
import { selectionText } from '../analysis/selection-text';
import { vertexOf, weightsText } from '../analysis/simplex';
import { spiderMap } from '../analysis/spider';
import { curvatureText, regionsText, rewardVerdictText, verdictText } from '../analysis/verdict-text';
import { frontSpec } from '../charts/front';
import { lmcCheckSpec } from '../charts/lmc-check';
import { isTriangle, simplexSpec } from '../charts/simplex';
import { spiderMapSpec, spiderNote } from '../charts/spider-map';
import { lightTheme } from '../charts/theme';
import { renderSvg } from './render-svg';

export interface ReportInput {
  readonly title: string;
  readonly points: readonly ResultPoint[];
  /** null where the results hold no soup to check */
  readonly lmc: LmcReport | null;
  readonly front: FrontReport;
  readonly findings?: readonly Finding[];
  /** the λ for a preference; drawn in the spider map */
  readonly selection?: Selection | null;
  /** what stands in the settings table, such as seed, backend and episodes a point */
  readonly settings?: Readonly<Record<string, string>>;
  /** directory of the report; made where it is missing, its files replaced */
  readonly output: string;
}

interface Section {
  readonly file: string;
  readonly heading: string;
  readonly svg: string;
  readonly note: string;
  readonly table: readonly (readonly string[])[];
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (text: string) => text.replace(/[&<>"]/g, (character) => escapes[character]);
const number = (value: number | null | undefined) => (value === null || value === undefined ? '–' : String(Number(value.toPrecision(5))));
const interval = (ends: Interval | null) => (ends ? `${number(ends[0])} … ${number(ends[1])}` : '–');

/**
 * Writes `index.html` (self-contained), every chart as SVG, and `results.csv`.
 * @returns path of index.html
 */
export async function writeReport(input: ReportInput): Promise<string> {
  const { title, points, lmc, front, findings = [], selection = null, settings = {}, output } = input;
  const sections = [...(lmc ? [...(await lmcSections(lmc)), ...(await simplexSections(lmc))] : []), ...(await frontSections(front)), ...(await spiderSections(points, selection))];
  const verdict = lmc ? verdictText(lmc) : ['Linear mode connectivity: not checked, for there are no soups between experts.'];
  const html = page(title, [`<p class="verdict">${verdict.map(escape).join('<br>')}</p>`, ...findingsHtml(findings), `<p>${frontText(front).map(escape).join('<br>')}</p>`, ...(selection ? [`<p>${selectionText(selection).map(escape).join('<br>')}</p>`] : []), ...sections.map(sectionHtml), `<section><h2>Settings</h2>${table([['setting', 'value'], ...Object.entries({ ...settings, 'Rewarded Soups': version })])}</section>`]);

  await mkdir(output, { recursive: true });
  const index = path.join(output, 'index.html');
  await Promise.all([...sections.map(({ file, svg }) => writeFileAtomic(path.join(output, file), svg)), writeFileAtomic(path.join(output, 'results.csv'), toResultsCsv(points)), writeFileAtomic(index, html)]);
  return index;
}

async function lmcSections(lmc: LmcReport): Promise<Section[]> {
  return Promise.all(
    Object.entries(lmc.rewards).map(async ([reward, result]): Promise<Section> => {
      return {
        file: `lmc-${reward}.svg`,
        heading: `Connectivity: ${reward}`,
        svg: await renderSvg(lmcCheckSpec(reward, result, { theme: lightTheme })),
        note: [rewardVerdictText(reward, result), regionsText(result), curvatureText(result)].filter((line) => line !== null).join('. ') + '.',
        table: [
          ['λ', 'region', 'soup', 'chord', 'margin', 'percentile interval', 'BCa interval', 'p', 'p after Holm'],
          ...result.points.map(({ weights, region, value, chord, margin, ci, bca, pValue, pAdjusted }) => [weightsText(weights), region, number(value), number(chord), number(margin), interval(ci), interval(bca), number(pValue), number(pAdjusted)]),
        ],
      };
    }),
  );
}

function findingsHtml(findings: readonly Finding[]): string[] {
  return findings.length === 0 ? [] : [`<section><h2>Diagnosis</h2><ul>${findings.map((finding) => `<li>${escape(findingLine(finding))}</li>`).join('')}</ul></section>`];
}

/** Of three experts: the margins where their λ lie. */
async function simplexSections(lmc: LmcReport): Promise<Section[]> {
  const triangles = Object.entries(lmc.rewards).filter(([, result]) => isTriangle(result));
  return Promise.all(triangles.map(async ([reward, result]): Promise<Section> => ({
    file: `simplex-${reward}.svg`,
    heading: `λ-simplex: ${reward}`,
    svg: await renderSvg(simplexSpec(reward, result, { theme: lightTheme })),
    note: 'Each evaluated λ, coloured by its margin above the chord; a corner is all weight on one expert.',
    table: [['region', 'λ', 'below the chord', 'worst margin', 'at'], ...Object.entries(result.regions).map(([region, { points, below, worst }]) => [region, String(points), String(below), number(worst.margin), weightsText(worst.weights)])],
  })));
}

async function frontSections(front: FrontReport): Promise<Section[]> {
  const rewards = Object.keys(front.reference);
  const pairs = rewards.flatMap((first, index) => rewards.slice(index + 1).map((second) => [first, second] as const));
  return Promise.all(
    pairs.map(async ([first, second]): Promise<Section> => ({
      file: `front-${first}-${second}.svg`,
      heading: `Front: ${first} and ${second}`,
      svg: await renderSvg(frontSpec(front, [first, second], { theme: lightTheme })),
      note: 'The line joins the soups and experts that no other point dominates; hollow points are dominated.',
      table: [['kind', 'name', ...rewards, 'dominated by'], ...front.points.map(({ kind, name, rewards: values, dominatedBy }) => [kind, name, ...rewards.map((reward) => number(values[reward])), dominatedBy.slice(0, 3).join('; ') || '–'])],
    })),
  );
}

async function spiderSections(points: readonly ResultPoint[], selection: Selection | null): Promise<Section[]> {
  if (!points.some(({ kind, weights }) => kind === 'expert' || (weights && vertexOf(weights)))) return [];
  const map = spiderMap(points, selection ? { chosen: selection.weights } : {});
  if (map.axes.length < 3) return [];
  return [
    {
      file: 'spider-map.svg',
      heading: 'Spider map',
      svg: await renderSvg(spiderMapSpec(map, { theme: lightTheme })),
      note: spiderNote(map),
      table: [['point', ...map.axes.map(({ name }) => name)], ...map.series.map(({ name, values }) => [name, ...map.axes.map((axis) => number(values[axis.name]))])],
    },
  ];
}

function table([header, ...rows]: readonly (readonly string[])[]): string {
  const cell = (tag: string) => (text: string) => `<${tag}>${escape(text)}</${tag}>`;
  return `<table><thead><tr>${header.map(cell('th')).join('')}</tr></thead><tbody>${rows.map((row) => `<tr>${row.map(cell('td')).join('')}</tr>`).join('')}</tbody></table>`;
}

function sectionHtml({ heading, svg, note, table: rows }: Section): string {
  return `<section><h2>${escape(heading)}</h2><p>${escape(note)}</p><figure>${svg}</figure><details><summary>Table</summary>${table(rows)}</details></section>`;
}

function page(title: string, parts: readonly string[]): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escape(title)}</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; color: #1f2328; background: #fff; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.6rem } h2 { font-size: 1.15rem; margin-top: 2rem }
.verdict { padding: .8rem 1rem; border-left: 4px solid #0072b2; background: #f6f8fa; white-space: pre-wrap }
figure { margin: 1rem 0; overflow-x: auto } figure svg { max-width: 100%; height: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; display: block; overflow-x: auto }
th, td { text-align: left; padding: .25rem .7rem; border-bottom: 1px solid #d8dee4 }
summary { cursor: pointer }
</style></head><body>
<h1>${escape(title)}</h1>
${parts.join('\n')}
</body></html>
`;
}
