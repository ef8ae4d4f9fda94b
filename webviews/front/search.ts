import * as l10n from '@vscode/l10n';
import type { SearchAnswer } from '../../src/analysis/preference-search';
import { vertexOf, weightsText } from '../../src/analysis/simplex';
import { searchSpec } from '../../src/charts/search';
import type { FigureContent } from '../kit/figure';
import { counts } from '../kit/counts';
import { formatConfidence, formatNumber, formatSigned } from '../kit/format';
import type { PanelContext } from '../kit/panel';
import { pointActions, type ActionContext } from '../kit/point-actions';
import type { Column } from '../kit/table';

/** A λ that a search has tried. */
export type Trial = SearchAnswer['evaluations'][number] & { readonly number: number };

/** Every λ that a search for one preference has tried, and the one that it found. */
export function searchContent(answer: SearchAnswer, alpha: number, context: Pick<PanelContext<object>, 'theme'> & ActionContext): FigureContent<Trial> {
  const found = answerText(answer, alpha);
  const columns: Column<Trial>[] = [
    { title: l10n.t('Evaluation'), value: ({ number }) => number, isNumeric: true, isRowHeader: true },
    { title: 'λ', value: ({ weights }) => weightsText(weights) },
    { title: l10n.t('Value'), value: ({ value }) => value, text: ({ value }) => formatNumber(value), isNumeric: true },
    { title: l10n.t('Standard error'), value: ({ stderr }) => stderr, text: ({ stderr }) => formatNumber(stderr), isNumeric: true },
    ...pointActions<Trial>(({ weights }) => ({ name: weightsText(weights), selection: { weights }, weights }), context),
  ];
  const names = Object.keys(answer.weights);
  return {
    title: l10n.t('Search for {0}', answer.preference),
    description: `${l10n.t('{0} of a search for {1}, with the best value so far.', counts.evaluations(answer.evaluations.length), answer.preference)} ${found}`,
    spec: searchSpec(answer, { theme: context.theme(), isInPanel: true, isPickable: context.hasCheckpoints() }),
    note: `${found} ${l10n.t('Chart and table show what the search saw, the first {0}; the ring is the λ that it found.', counts.samples(answer.samples.searched))}`,
    columns,
    rows: answer.evaluations.map((one, index) => ({ ...one, number: index + 1 })),
    csv: () => ({ header: ['evaluation', 'name', ...names.map((name) => `w:${name}`), 'value', 'standard error'], rows: answer.evaluations.map(({ name, weights, value, stderr }, index) => [index + 1, name, ...names.map((expert) => weights[expert] ?? 0), value, stderr]) }),
  };
}

/** The λ that was found, its value and its regret against the best expert, each with its interval. */
export function answerText({ weights, value, regret, samples }: SearchAnswer, alpha: number): string {
  const confidence = formatConfidence(alpha);
  const estimated = ({ estimate, ci: [low, high] }: { readonly estimate: number; readonly ci: readonly [number, number] }, format: (value: number) => string) => l10n.t('{0} ({1} interval {2} to {3})', format(estimate), confidence, format(low), format(high));
  const worth = l10n.t('λ = {0} is worth {1} on the {2} that the search did not see.', weightsText(weights), estimated(value, formatNumber), counts.samples(samples.held));
  if (regret === null) return `${worth} ${l10n.t('No expert was evaluated to compare with.')}`;
  if (vertexOf(weights) === regret.expert) return `${worth} ${l10n.t('That is the best expert itself: no soup was found that is better.')}`;
  const isBeyondChance = regret.ci[0] > 0 || regret.ci[1] < 0;
  const conclusion = regret.estimate < 0
    ? isBeyondChance ? l10n.t('The soup is better, beyond chance.') : l10n.t('The soup is better, but that may be chance.')
    : isBeyondChance ? l10n.t('The expert is at least as good, beyond chance.') : l10n.t('The expert is at least as good, but that may be chance.');
  return `${worth} ${l10n.t('Its regret against the best expert, {0}, is {1}.', regret.expert, estimated(regret, formatSigned))} ${conclusion}`;
}
