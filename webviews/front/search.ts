import type { SearchAnswer } from '../../src/analysis/preference-search';
import { searchSpec } from '../../src/charts/search';
import { linkButton } from '../kit/controls';
import type { FigureContent } from '../kit/figure';
import { formatCount, formatNumber, formatSigned, formatWeights } from '../kit/format';
import type { PanelContext } from '../kit/panel';
import type { Column } from '../kit/table';

/** A λ that a search has tried. */
export type Trial = SearchAnswer['evaluations'][number] & { readonly number: number };

/** Every λ that a search for one preference has tried, and the one that it found. */
export function searchContent(answer: SearchAnswer, alpha: number, { theme, post }: Pick<PanelContext<object>, 'theme' | 'post'>): FigureContent<Trial> {
  const found = answerText(answer, alpha);
  const columns: Column<Trial>[] = [
    { title: 'Evaluation', value: ({ number }) => number, isNumeric: true, isRowHeader: true },
    { title: 'λ', value: ({ weights }) => formatWeights(weights) },
    { title: 'Value', value: ({ value }) => value, text: ({ value }) => formatNumber(value), isNumeric: true },
    { title: 'Standard error', value: ({ stderr }) => stderr, text: ({ stderr }) => formatNumber(stderr), isNumeric: true },
    { title: 'Blend', value: () => null, content: ({ weights }) => linkButton({ label: 'Create soup…', title: `Create the soup ${formatWeights(weights)}`, onClick: () => post({ type: 'create-soup', weights }) }) },
  ];
  const names = Object.keys(answer.weights);
  return {
    title: `Search for ${answer.preference}`,
    description: `${formatCount(answer.evaluations.length, 'evaluation')} of a search for ${answer.preference}, with the best value so far. ${found}`,
    spec: searchSpec(answer, { theme: theme(), isInPanel: true }),
    note: `${found} Chart and table show what the search saw, the first ${formatCount(answer.samples.searched, 'sample')}; the ring is the λ that it found.`,
    columns,
    rows: answer.evaluations.map((one, index) => ({ ...one, number: index + 1 })),
    csv: () => ({ header: ['evaluation', 'name', ...names.map((name) => `w:${name}`), 'value', 'standard error'], rows: answer.evaluations.map(({ name, weights, value, stderr }, index) => [index + 1, name, ...names.map((expert) => weights[expert] ?? 0), value, stderr]) }),
  };
}

/** The λ that was found, its value and its regret against the best expert, each with its interval. */
export function answerText({ weights, value, regret, samples }: SearchAnswer, alpha: number): string {
  const interval = ([low, high]: readonly [number, number], format: (value: number) => string = formatNumber) => `(${Number(((1 - alpha) * 100).toFixed(2))} % interval ${format(low)} to ${format(high)})`;
  const worth = `λ = ${formatWeights(weights)} is worth ${formatNumber(value.estimate)} ${interval(value.ci)} on the ${formatCount(samples.held, 'sample')} that the search did not see.`;
  if (regret === null) return `${worth} No expert was evaluated to compare with.`;
  return `${worth} Its regret against the best expert, ${regret.expert}, is ${formatSigned(regret.estimate)} ${interval(regret.ci, formatSigned)}: ${regret.estimate < 0 ? 'the soup is better' : 'the expert is at least as good'}, ${regret.ci[0] > 0 || regret.ci[1] < 0 ? 'beyond chance' : 'but that may be chance'}.`;
}
