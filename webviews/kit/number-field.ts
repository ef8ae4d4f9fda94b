import * as l10n from '@vscode/l10n';
import { element, setAttribute, setText } from './element';

export interface NumberField {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
  update(value: number | null): void;
}

export interface NumberFieldOptions {
  readonly label: string;
  /** whether the label is shown too; else it is only read out */
  readonly isLabelShown?: boolean;
  readonly title?: string;
  /** whether no number is an answer too */
  readonly isOptional?: boolean;
  /** why a number is refused, or null */
  readonly check?: (value: number) => string | null;
  /** an answer that was typed */
  readonly onChange: (value: number | null) => void;
  /** what is wrong with what stands there, while it is typed; null when nothing is any more */
  readonly onProblem?: (problem: string | null) => void;
}

/** A number that is typed; what is refused stays in the field, marked, until it is corrected. */
export function numberField({ label, isLabelShown = true, title, isOptional = false, check, onChange, onProblem }: NumberFieldOptions): NumberField {
  const input = element('input', { class: 'number', attributes: { type: 'text', inputmode: 'decimal', 'aria-label': label, title } });
  const hint = element('span', { class: 'field-problem', attributes: { role: 'alert', hidden: true } });
  let told: string | null = null;
  const complain = (problem: string | null): void => {
    if (problem === told) return;
    told = problem;
    setAttribute(input, 'aria-invalid', problem !== null && 'true');
    hint.hidden = problem === null;
    setText(hint, problem ?? '');
    onProblem?.(problem);
  };
  input.addEventListener('input', () => {
    const value = readNumber(input.value);
    const problem = value === null ? (isOptional ? null : l10n.t('{0}: give a number', label)) : Number.isFinite(value) ? (check?.(value) ?? null) : l10n.t('{0}: “{1}” is not a number', label, input.value.trim());
    complain(problem);
    if (problem === null) onChange(value);
  });
  return {
    element: element('label', { class: 'field' }, isLabelShown && element('span', { class: 'field-label', attributes: { 'aria-hidden': 'true', title } }, label), input, hint),
    input,
    update(value) {
      // what somebody types is theirs until it means another number
      const text = shownText(value);
      if (document.activeElement === input && (readNumber(input.value) === value || input.value === text || input.getAttribute('aria-invalid') === 'true')) return;
      input.value = text;
      // the whole number, where the field has no room for it
      setAttribute(input, 'title', value === null || text === String(value) ? title : String(value));
      complain(null);
    },
  };
}

/** Six digits of a fraction, which fit into the field; the value itself keeps all of them. */
function shownText(value: number | null): string {
  if (value === null || Number.isInteger(value)) return value === null ? '' : String(value);
  return String(Number(value.toPrecision(6)));
}

/** null for nothing, NaN for what is no number */
function readNumber(text: string): number | null {
  const trimmed = text.trim().replace(',', '.').replace('−', '-');
  return trimmed === '' ? null : Number(trimmed);
}
