import * as l10n from '@vscode/l10n';
import type { BlendDraft } from '../../src/merge/blend-draft';
import type { ParameterValue } from '../../src/merge/methods/parameter';
import type { BaseChoice, BlendSetup, MethodForm, ParameterField } from '../../src/protocol/blend-panel';
import { button, checkbox, select } from '../kit/controls';
import { element, setChildren, setText } from '../kit/element';
import { numberField } from '../kit/number-field';
import { expertsOf, methodOf } from './state';

export interface MethodActions {
  readonly onMethod: (name: string) => void;
  readonly onBase: (path: string | null) => void;
  readonly onParameter: (key: string, value: ParameterValue | null) => void;
  readonly onSeed: (seed: number) => void;
  readonly onTyping: (problem: string | null) => void;
  readonly onChooseBase: () => void;
  readonly onChooseFisher: (input: number) => void;
}

export interface MethodSection {
  readonly element: HTMLElement;
  update(setup: BlendSetup, draft: BlendDraft, bases: readonly BaseChoice[]): void;
}

const noBase = 'none';

/** Method, base and parameters, as the methods' own table has them. */
export function methodSection(actions: MethodActions): MethodSection {
  const methods = select<string>(l10n.t('Method'), actions.onMethod);
  const base = select<string>(l10n.t('Base'), (path) => actions.onBase(path === noBase ? null : path));
  const browse = button({ label: l10n.t('Choose…'), title: l10n.t('Choose… another base'), onClick: actions.onChooseBase });
  const description = element('p', { class: 'muted' });
  const need = element('p', { class: 'muted' });
  const fields = element('div', { class: 'controls' });
  const perExpert = element('div');
  const fishers = element('div');
  let known = '';
  let updates: readonly ((draft: BlendDraft) => void)[] = [];

  return {
    element: element('section', { attributes: { 'aria-label': l10n.t('Method') } }, element('h2', {}, l10n.t('Method')), element('div', { class: 'controls' }, methods.element, base.element, browse), description, need, fields, perExpert, fishers),
    update(setup, draft, bases) {
      const method = methodOf(setup, draft);
      const experts = expertsOf(setup, draft);
      const names = experts.map((index) => setup.inputs[index]!.name);
      methods.update(setup.methods.map(({ name }) => ({ value: name, label: name })), draft.method);
      base.update([{ value: noBase, label: method.base === 'required' ? l10n.t('choose it') : l10n.t('none') }, ...bases.map(({ path, label }) => ({ value: path, label }))], draft.base ?? noBase);
      setText(description, `${method.description}.`);
      setText(need, needText(method, experts.length, draft.base !== null));
      const key = JSON.stringify([method.name, names]);
      if (key !== known) {
        known = key;
        const whole = method.parameters.map((field) => fieldFor(field, field.name, field.name, actions));
        const seed = method.isRandom ? [seedField(actions)] : [];
        const table = method.modelParameters.length > 0 ? expertTable(method.modelParameters, names, actions) : null;
        setChildren(fields, ...[...whole, ...seed].map((made) => made.element));
        setChildren(perExpert, table?.element);
        updates = [...whole, ...seed, ...(table ? [table] : [])].map((made) => made.update);
      }
      for (const update of updates) update(draft);
      setChildren(fishers, ...(method.takesFishers ? experts.map((index) => fisherLine(setup.inputs[index]!.name, draft.fishers[index] ?? null, () => actions.onChooseFisher(index))) : []));
    },
  };
}

/** What the method takes, and what is missing. */
function needText({ minimum, maximum, base }: MethodForm, experts: number, hasBase: boolean): string {
  const range = minimum === maximum ? l10n.t('exactly {0}', minimum) : maximum === null ? l10n.t('{0} or more', Math.max(1, minimum)) : l10n.t('{0} to {1}', minimum, maximum);
  const count = maximum === 1 ? l10n.t('{0} expert', range) : l10n.t('{0} experts', range);
  const takes = { required: l10n.t('Takes {0} and their base.', count), optional: l10n.t('Takes {0}, and their base where it is chosen.', count), none: l10n.t('Takes {0}.', count) }[base];
  const isMissing = base === 'required' && !hasBase;
  const isOther = experts < minimum || (maximum !== null && experts > maximum);
  return [takes, ...(isMissing ? [l10n.t('Base is not chosen yet: it may be one of the checkpoints here.')] : []), ...(isOther ? [experts === 1 ? l10n.t('Here is one expert.') : l10n.t('Here are {0} experts.', experts)] : [])].join(' ');
}

interface Field {
  readonly element: HTMLElement;
  update(draft: BlendDraft): void;
}

/** The control of one parameter; left empty it has its default. */
function fieldFor({ name, type, default: standard, minimum, maximum, description }: ParameterField, key: string, label: string, { onParameter, onTyping }: Pick<MethodActions, 'onParameter' | 'onTyping'>, isLabelShown = true): Field {
  if (type === 'boolean') {
    const box = checkbox(label, Boolean(standard), (isOn) => onParameter(key, isOn === standard ? null : isOn)) as HTMLElement & { checked: boolean };
    box.title = description;
    return { element: box, update: ({ parameters }) => (box.checked = Boolean(parameters[key] ?? standard)) };
  }
  const check = (value: number): string | null => {
    if (type === 'integer' && !Number.isInteger(value)) return l10n.t('{0}: a whole number', name);
    if ((minimum !== null && value < minimum) || (maximum !== null && value > maximum)) return maximum === null ? l10n.t('{0}: at least {1}', name, minimum!) : minimum === null ? l10n.t('{0}: at most {1}', name, maximum) : l10n.t('{0}: {1} to {2}', name, minimum, maximum);
    return null;
  };
  const field = numberField({ label, isLabelShown, title: description, isOptional: true, check, onProblem: onTyping, onChange: (value) => onParameter(key, value) });
  field.input.placeholder = standard === null ? l10n.t('needed') : String(standard);
  return { element: field.element, update: ({ parameters }) => field.update(typeof parameters[key] === 'number' ? parameters[key] : null) };
}

function seedField({ onSeed, onTyping }: Pick<MethodActions, 'onSeed' | 'onTyping'>): Field {
  const field = numberField({ label: l10n.t('seed'), title: l10n.t('of the random numbers that this method draws'), check: (value) => (Number.isSafeInteger(value) && value >= 0 ? null : l10n.t('seed: a whole number from 0')), onProblem: onTyping, onChange: (value) => onSeed(value!) });
  return { element: field.element, update: ({ seed }) => field.update(seed) };
}

/** Parameters of the experts: a row for all of them, and one for each that has its own. */
function expertTable(parameters: readonly ParameterField[], names: readonly string[], actions: Pick<MethodActions, 'onParameter' | 'onTyping'>): Field {
  const cells = [null, ...names].map((expert) => parameters.map((field) => ({ ...fieldFor(field, expert === null ? field.name : `${expert}.${field.name}`, expert === null ? l10n.t('{0} of all experts', field.name) : l10n.t('{0} of {1}', field.name, expert), actions, false), isOfAll: expert === null, field })));
  const rows = cells.map((row, index) => element('tr', {}, element('th', { attributes: { scope: 'row' } }, index === 0 ? l10n.t('all experts') : names[index - 1]!), ...row.map(({ element: control }) => element('td', {}, control))));
  const head = element('tr', {}, element('th', { attributes: { scope: 'col' } }, l10n.t('Expert')), ...parameters.map(({ name, description }) => element('th', { attributes: { scope: 'col', title: description } }, name)));
  return {
    element: element('div', { class: 'table-scroll', attributes: { tabindex: 0, role: 'region', 'aria-label': l10n.t('Parameters of each expert') } }, element('table', {}, element('caption', { class: 'visually-hidden' }, l10n.t('Parameters of each expert')), element('thead', {}, head), element('tbody', {}, ...rows))),
    update: (draft) => cells.flat().forEach((cell) => {
      cell.update(draft);
      // an expert without a value of its own has that of all
      const input = cell.element.querySelector('input');
      if (input && !cell.isOfAll) input.placeholder = String(draft.parameters[cell.field.name] ?? cell.field.default ?? l10n.t('needed'));
    }),
  };
}

function fisherLine(name: string, path: string | null, onChoose: () => void): HTMLElement {
  return element('p', {}, l10n.t('Fisher information of {0}:', name), ' ', path === null || path === '' ? element('span', { class: 'muted' }, l10n.t('not chosen')) : path, ' ', button({ label: l10n.t('Choose…'), title: l10n.t('Choose… the Fisher information of {0}', name), onClick: onChoose }));
}
