import * as l10n from '@vscode/l10n';
import type { BlendExperiment, ToBlendPanel } from '../../src/protocol/blend-panel';
import { button } from '../kit/controls';
import { element, setAttribute } from '../kit/element';

export interface PreferencePicker {
  readonly element: HTMLElement;
  update(experiment: BlendExperiment | null, expression: string): void;
  /** what the sweep says of the preference */
  answer(message: Extract<ToBlendPanel, { readonly type: 'preferred' }>): void;
}

/** The λ of the experiment's sweep that fits a preference best, which is an expression over the rewards. */
export function preferencePicker(onExpression: (expression: string) => void, onAsk: (expression: string) => void): PreferencePicker {
  const field = element('input', { class: 'soup-name', attributes: { type: 'text', 'aria-label': l10n.t('Preference'), spellcheck: 'false' } });
  const answer = element('div', { attributes: { role: 'status' } });
  const ask = (): void => onAsk(field.value.trim() === '' ? field.placeholder : field.value.trim());
  field.addEventListener('input', () => onExpression(field.value));
  field.addEventListener('keydown', (event) => event.key === 'Enter' && ask());
  const box = element('div', { class: 'preference' },
    element('div', { class: 'controls' }, element('label', { class: 'field' }, element('span', { class: 'field-label', attributes: { 'aria-hidden': 'true' } }, l10n.t('Preference')), field), button({ label: l10n.t('Best λ'), title: l10n.t('Best λ: take the one of the sweep that fits this preference best'), onClick: ask })),
    answer);
  return {
    element: box,
    update(experiment, expression) {
      box.hidden = experiment === null || experiment.points.length === 0 || experiment.rewards.length === 0;
      if (box.hidden) return;
      setAttribute(field, 'placeholder', `mean(${experiment!.rewards.join(', ')})`);
      setAttribute(field, 'title', l10n.t('an expression over {0} and the metrics of the sweep', experiment!.rewards.join(', ')));
      if (document.activeElement !== field) field.value = expression;
    },
    answer({ weights, lines }) {
      answer.replaceChildren(...lines.map((line) => element('p', { class: weights === null ? 'notice' : 'muted' }, line.trim())));
    },
  };
}
