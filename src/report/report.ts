import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { version } from '../../package.json';
import type { Interval } from '../analysis/bootstrap';
import { findingLine, type Finding } from '../analysis/diagnosis';
import { dominatingTexts, frontText } from '../analysis/front-text';
import { toResultsCsv } from '../analysis/results-table';
import type { FrontReport, LmcReport, ResultPoint } from '../analysis/results';
import type { WeightsVersusPredictions } from '../analysis/predictions';
import { predictionsText } from '../analysis/predictions-text';
import type { SearchAnswer } from '../analysis/preference-search';
import { searchText } from '../analysis/search-text';
import type { Selection } from '../analysis/selection';
import { selectionText } from '../analysis/selection-text';
import { pointText, vertexOf, weightsText } from '../analysis/simplex';
import { spiderMap } from '../analysis/spider';
import { cautionText, curvatureText, regionsText, rewardVerdictText, verdictText } from '../analysis/verdict-text';
import { frontSpec } from '../charts/front';
import { lmcCheckSpec } from '../charts/lmc-check';
import { mixedExperts, simplexSpec } from '../charts/simplex';
import { predictionsSpec } from '../charts/predictions';
import { searchSpec } from '../charts/search';
import { spiderMapSpec, spiderNote } from '../charts/spider-map';
import { lightTheme } from '../charts/theme';
import { escape, page, sectionHtml, table, type Section } from './page';
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
  /** what a search for λ found, a preference each */
  readonly answers?: readonly SearchAnswer[];
  /** soups against ensembles, where the sweep evaluated them */
  readonly predictions?: WeightsVersusPredictions | null;
  /** what stands in the settings table, such as seed, backend and episodes a point */
  readonly settings?: Readonly<Record<string, string>>;
  /** directory of the report; made where it is missing, its files replaced */
  readonly output: string;
}

const number = (value: number | null | undefined) => (value === null || value === undefined ? '–' : String(Number(value.toPrecision(5))));
const interval = (ends: Interval | null) => (ends ? `${number(ends[0])} … ${number(ends[1])}` : '–');

/** Names of rewards may hold anything, file names may not. */
const fileName = (...parts: readonly string[]): string => `${parts.map(encodeURIComponent).join('-')}.svg`;

/**
 * Writes `index.html` (self-contained), every chart as SVG, and `results.csv`.
 * @returns path of index.html
 */
export async function writeReport(input: ReportInput): Promise<string> {
  const { title, points, lmc, front, findings = [], selection = null, answers = [], predictions = null, settings = {}, output } = input;
  const sections = [...(lmc ? [...(await lmcSections(lmc)), ...(await simplexSections(lmc))] : []), ...(await frontSections(front)), ...(await spiderSections(points, selection)), ...(await searchSections(answers)), ...(predictions ? [await predictionsSection(predictions)] : [])];
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
        file: fileName('lmc', reward),
        heading: `Connectivity: ${reward}`,
        svg: await renderSvg(lmcCheckSpec(reward, result, { theme: lightTheme })),
        note: [rewardVerdictText(reward, result), cautionText(result), regionsText(result), curvatureText(result)].filter((line) => line !== null).join('. ') + '.',
        table: [
          ['λ', 'region', 'soup', 'chord', 'margin', 'interval', 'percentile interval', 'BCa interval', 'p', 'p after Holm'],
          ...result.points.map(({ weights, region, value, chord, margin, ci, percentile, bca, pValue, pAdjusted }) => [weightsText(weights), region, number(value), number(chord), number(margin), interval(ci), interval(percentile), interval(bca), number(pValue), number(pAdjusted)]),
        ],
      };
    }),
  );
}

function findingsHtml(findings: readonly Finding[]): string[] {
  return findings.length === 0 ? [] : [`<section><h2>Diagnosis</h2><ul>${findings.map((finding) => `<li>${escape(findingLine(finding))}</li>`).join('')}</ul></section>`];
}

async function searchSections(answers: readonly SearchAnswer[]): Promise<Section[]> {
  return Promise.all(answers.map(async (answer, index): Promise<Section> => ({
    file: `search-${index + 1}.svg`,
    heading: `Search: ${answer.preference}`,
    svg: await renderSvg(searchSpec(answer, { theme: lightTheme })),
    note: `${searchText(answer).map((line) => line.trim()).join('. ')}. Table and chart show what the search saw, the first ${answer.samples.searched} samples.`,
    table: [['evaluation', 'λ', 'value', 'standard error'], ...answer.evaluations.map(({ weights, value, stderr }, at) => [String(at + 1), weightsText(weights), number(value), number(stderr)])],
  })));
}

async function predictionsSection(result: WeightsVersusPredictions): Promise<Section> {
  const rewards = Object.keys(result.points[0].gaps);
  return {
    file: 'predictions.svg',
    heading: 'Weights against predictions',
    svg: await renderSvg(predictionsSpec(result, { theme: lightTheme })),
    note: predictionsText(result),
    table: [['λ', ...rewards.flatMap((reward) => [`${reward}: soup less ensemble`, 'interval']), 'KL (nats)', 'squared distance'], ...result.points.map(({ weights, gaps, kl, squaredDistance }) => [weightsText(weights), ...rewards.flatMap((reward) => [number(gaps[reward].estimate), interval(gaps[reward].ci)]), number(kl), number(squaredDistance)])],
  };
}

/** Of three experts or more: the margins where their λ lie. */
async function simplexSections(lmc: LmcReport): Promise<Section[]> {
  const drawn = Object.entries(lmc.rewards).filter(([, result]) => mixedExperts(result).length >= 3);
  return Promise.all(drawn.map(async ([reward, result]): Promise<Section> => ({
    file: fileName('simplex', reward),
    heading: `λ-simplex: ${reward}`,
    svg: await renderSvg(simplexSpec(reward, result, { theme: lightTheme })),
    note: `Each evaluated λ, coloured by its margin above the chord; a corner is all weight on one expert.${mixedExperts(result).length > 3 ? ' λ lie at the weighted mean of their corners, where those of other experts can lie as well: the lowest is on top.' : ''}`,
    table: [['region', 'λ', 'below the chord', 'worst margin', 'at'], ...Object.entries(result.regions).map(([region, { points, below, worst }]) => [region, String(points), String(below), number(worst.margin), weightsText(worst.weights)])],
  })));
}

async function frontSections(front: FrontReport): Promise<Section[]> {
  const rewards = Object.keys(front.reference);
  const dominating = dominatingTexts(front);
  const pairs = rewards.flatMap((first, index) => rewards.slice(index + 1).map((second) => [first, second] as const));
  return Promise.all(
    pairs.map(async ([first, second]): Promise<Section> => ({
      file: fileName('front', first, second),
      heading: `Front: ${first} and ${second}`,
      svg: await renderSvg(frontSpec(front, [first, second], { theme: lightTheme })),
      note: 'The line joins the soups and experts that no other point dominates in these two rewards; hollow points are dominated in all.',
      table: [['kind', 'name', ...rewards, 'dominated by'], ...front.points.map((point) => [point.kind, pointText(point), ...rewards.map((reward) => number(point.rewards[reward])), dominating(point).slice(0, 3).join('; ') || '–'])],
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
