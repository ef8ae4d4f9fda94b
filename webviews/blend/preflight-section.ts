import * as l10n from '@vscode/l10n';
import { preflightChecks, type PreflightCheck } from '../../src/merge/preflight-checks';
import type { BlendForecast } from '../../src/merge/forecast';
import type { ShownDistance, ToBlendPanel } from '../../src/protocol/blend-panel';
import { button, progressRing } from '../kit/controls';
import { element, setText } from '../kit/element';
import { formatSignificant } from '../kit/format';
import { pageWords, splitAdvice } from './words';

type Distances = Extract<ToBlendPanel, { readonly type: 'distances' }>;
export type Tone = 'good' | 'doubt' | 'problem' | 'unknown';

const toneNames: Readonly<Record<Tone, string>> = { good: l10n.t('fine'), doubt: l10n.t('doubtful'), problem: l10n.t('has to be mended'), unknown: l10n.t('not known') };
const toneIcons: Readonly<Record<Tone, string>> = { good: '✓', doubt: '!', problem: '✕', unknown: '–' };
const titles: Readonly<Record<PreflightCheck | 'distance', string>> = { tensors: l10n.t('Tensors'), vocabulary: l10n.t('Vocabulary'), 'tied weights': l10n.t('Tied weights'), adapters: l10n.t('Adapters'), config: l10n.t('Configuration'), base: l10n.t('Shared base'), distance: l10n.t('Distance') };

export interface PreflightRow {
  readonly title: string;
  readonly tone: Tone;
  readonly lines: readonly { readonly what: string; readonly advice: string | null }[];
}

/** A cosine to the base below this is that of unrelated weights, as in the tree's *different base?*. */
const unrelatedCosine = 0.3;
const linesShown = 6;

/** What the checks say, one row each; checks that do not apply are left out. */
export function preflightRows({ findings, facts }: Pick<BlendForecast, 'findings' | 'facts'>, distances: Distances | null): PreflightRow[] {
  const rows = preflightChecks.flatMap((check): PreflightRow[] => {
    const own = findings.filter((finding) => finding.check === check);
    const problems = own.filter(({ level }) => level === 'problem');
    const told = problems.length > 0 ? problems : own;
    if (told.length > 0) return [{ title: titles[check], tone: problems.length > 0 ? 'problem' : 'doubt', lines: shortened(told.map(({ text }) => splitAdvice(pageWords(text)))) }];
    const fact = facts[check];
    if (fact !== undefined) return [{ title: titles[check], tone: 'good', lines: [{ what: fact, advice: null }] }];
    return check === 'base' ? [{ title: titles.base, tone: 'unknown', lines: [{ what: l10n.t('the checkpoints do not say which base they were trained from'), advice: null }] }] : [];
  });
  return [...rows, ...(distances ? [distanceRow(distances)] : [])].map((row) => ({ ...row, lines: adviceOnce(row.lines) }));
}

/** Lines that follow one another with the same advice give it once, behind the last of them. */
function adviceOnce(lines: PreflightRow['lines']): PreflightRow['lines'] {
  return lines.map(({ what, advice }, index) => ({ what, advice: lines[index + 1]?.advice === advice ? null : advice }));
}

function shortened(lines: PreflightRow['lines']): PreflightRow['lines'] {
  return lines.length <= linesShown ? lines : [...lines.slice(0, linesShown - 1), { what: l10n.t('and {0} more of this kind', lines.length - linesShown + 1), advice: null }];
}

function distanceRow({ from, distances, problem }: Distances): PreflightRow {
  if (problem !== null) return { title: titles.distance, tone: 'unknown', lines: [splitAdvice(problem)] };
  const reference = from ?? l10n.t('the base');
  const lines = distances.map(({ name, notFinite, relative, cosine }) => {
    if (notFinite !== null) return brokenLine(notFinite, name, from);
    const isUnrelated = cosine !== null && cosine < unrelatedCosine;
    return { what: l10n.t('{0} is {1} away from {2}, cosine {3}', name, relative === null ? '–' : `${formatSignificant(100 * relative)} %`, reference, formatSignificant(cosine)), advice: isUnrelated ? l10n.t('weights this unlike seldom share an initialisation: their average is unlikely to work') : null };
  });
  return { title: titles.distance, tone: lines.some(({ advice }) => advice !== null) ? 'doubt' : 'good', lines };
}

/** Whose values are not finite, and what that means for a soup. */
function brokenLine({ tensor, isOfCheckpoint, isOfReference }: NonNullable<ShownDistance['notFinite']>, name: string, from: string | null): PreflightRow['lines'][number] {
  const broken = [...(isOfReference && from !== null ? [from] : []), ...(isOfCheckpoint ? [name] : [])];
  const whose = isOfReference && from === null ? [...broken, l10n.t('the base')] : broken;
  return {
    what: whose.length === 1 ? l10n.t('{0} has NaN or infinite values in {1}', tensor, whose[0]!) : l10n.t('{0} has NaN or infinite values in {1} and in {2}', tensor, whose[0]!, whose[1]!),
    advice: broken.length > 0 ? l10n.t('so will the soup, and one with NaN is not written: leave that checkpoint out, or train it again') : l10n.t('so will a soup that is made from its task vectors: choose another base'),
  };
}

export interface PreflightSection {
  readonly element: HTMLElement;
  /** `hasDistances` is false while none are measured and none are on the way */
  update(forecast: BlendForecast | null, distances: Distances | null, isMeasuring: boolean): void;
  fail(message: string): void;
}

/** The preflight as a list, each row with a mark and a word for what it means. */
export function preflightSection(onMeasure: () => void): PreflightSection {
  const summary = element('p', { attributes: { role: 'status' } });
  const list = element('ul', { class: 'checks' });
  const measure = button({ label: l10n.t('Measure distances'), title: l10n.t('Measure distances: read all weights, and see how far the experts are from their base'), onClick: onMeasure });
  const waiting = element('div', { class: 'waiting' }, progressRing(l10n.t('Checking')), l10n.t('Reading headers…'));
  return {
    element: element('section', { class: 'preflight', attributes: { 'aria-label': l10n.t('Preflight') } }, element('h2', {}, l10n.t('Preflight')), waiting, summary, list, measure),
    update(forecast, distances, isMeasuring) {
      waiting.hidden = forecast !== null;
      summary.hidden = forecast === null;
      measure.hidden = forecast === null || distances !== null || isMeasuring;
      if (!forecast) return;
      const rows = preflightRows(forecast, distances);
      setText(summary, verdict(rows));
      list.replaceChildren(...rows.map(rowElement));
    },
    fail(message) {
      waiting.hidden = measure.hidden = true;
      summary.hidden = false;
      setText(summary, l10n.t('These checkpoints cannot be blended.'));
      list.replaceChildren(rowElement({ title: l10n.t('Checkpoints'), tone: 'problem', lines: [splitAdvice(pageWords(message))] }));
    },
  };
}

function verdict(rows: readonly PreflightRow[]): string {
  const count = (tone: Tone): number => rows.filter((row) => row.tone === tone).length;
  if (count('problem') > 0) return l10n.t('These checkpoints cannot be blended as they are.');
  return count('doubt') > 0 ? l10n.t('They can be blended; read the doubts first.') : l10n.t('They can be blended.');
}

function rowElement({ title, tone, lines }: PreflightRow): HTMLElement {
  return element('li', { class: `check ${tone}` },
    element('span', { class: 'check-mark', attributes: { 'aria-hidden': 'true' } }, toneIcons[tone]),
    element('div', {},
      element('strong', {}, title), ' ', element('span', { class: 'muted' }, toneNames[tone]),
      ...lines.map(({ what, advice }) => element('p', {}, what, advice !== null && element('span', { class: 'advice' }, ` → ${advice}`)))));
}
