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
const baseTitles = { required: 'Base (this method needs it)', optional: 'Base (optional)', none: 'Base (for the provenance)' } as const;

/** Method, base and parameters, as the methods' own table has them. */
export function methodSection(actions: MethodActions): MethodSection {
  const methods = select<string>('Method', actions.onMethod);
  const base = select<string>('Base', (path) => actions.onBase(path === noBase ? null : path));
  const browse = button({ label: 'Choose…', title: 'Choose… another base', onClick: actions.onChooseBase });
  const description = element('p', { class: 'muted' });
  const need = element('p', { class: 'muted' });
  const fields = element('div', { class: 'controls' });
  const perExpert = element('div');
  const fishers = element('div');
  let known = '';
  let updates: readonly ((draft: BlendDraft) => void)[] = [];

  return {
    element: element('section', { attributes: { 'aria-label': 'Method' } }, element('h2', {}, 'Method'), element('div', { class: 'controls' }, methods.element, base.element, browse), description, need, fields, perExpert, fishers),
    update(setup, draft, bases) {
      const method = methodOf(setup, draft);
      const experts = expertsOf(setup, draft);
      const names = experts.map((index) => setup.inputs[index]!.name);
      methods.update(setup.methods.map(({ name }) => ({ value: name, label: name })), draft.method);
      base.update([{ value: noBase, label: method.base === 'required' ? 'choose it' : 'none' }, ...bases.map(({ path, label }) => ({ value: path, label }))], draft.base ?? noBase);
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
  const count = minimum === maximum ? `exactly ${minimum}` : maximum === null ? `${Math.max(1, minimum)} or more` : `${minimum} to ${maximum}`;
  const takes = `Takes ${count} expert${maximum === 1 ? '' : 's'}${base === 'required' ? ' and their base' : base === 'optional' ? ', and their base where it is chosen' : ''}.`;
  const isMissing = base === 'required' && !hasBase;
  const isOther = experts < minimum || (maximum !== null && experts > maximum);
  return [takes, ...(isMissing ? [`${baseTitles.required.slice(0, 4)} is not chosen yet: it may be one of the checkpoints here.`] : []), ...(isOther ? [`Here ${experts === 1 ? 'is one expert' : `are ${experts} experts`}.`] : [])].join(' ');
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
    if (type === 'integer' && !Number.isInteger(value)) return `${name}: a whole number`;
    if ((minimum !== null && value < minimum) || (maximum !== null && value > maximum)) return `${name}: ${maximum === null ? `at least ${minimum}` : minimum === null ? `at most ${maximum}` : `${minimum} to ${maximum}`}`;
    return null;
  };
  const field = numberField({ label, isLabelShown, title: description, isOptional: true, check, onProblem: onTyping, onChange: (value) => onParameter(key, value) });
  field.input.placeholder = standard === null ? 'needed' : String(standard);
  return { element: field.element, update: ({ parameters }) => field.update(typeof parameters[key] === 'number' ? parameters[key] : null) };
}

function seedField({ onSeed, onTyping }: Pick<MethodActions, 'onSeed' | 'onTyping'>): Field {
  const field = numberField({ label: 'seed', title: 'of the random numbers that this method draws', check: (value) => (Number.isSafeInteger(value) && value >= 0 ? null : 'seed: a whole number from 0'), onProblem: onTyping, onChange: (value) => onSeed(value!) });
  return { element: field.element, update: ({ seed }) => field.update(seed) };
}

/** Parameters of the experts: a row for all of them, and one for each that has its own. */
function expertTable(parameters: readonly ParameterField[], names: readonly string[], actions: Pick<MethodActions, 'onParameter' | 'onTyping'>): Field {
  const cells = [null, ...names].map((expert) => parameters.map((field) => ({ ...fieldFor(field, expert === null ? field.name : `${expert}.${field.name}`, expert === null ? `${field.name} of all experts` : `${field.name} of ${expert}`, actions, false), isOfAll: expert === null, field })));
  const rows = cells.map((row, index) => element('tr', {}, element('th', { attributes: { scope: 'row' } }, index === 0 ? 'all experts' : names[index - 1]!), ...row.map(({ element: control }) => element('td', {}, control))));
  const head = element('tr', {}, element('th', { attributes: { scope: 'col' } }, 'Expert'), ...parameters.map(({ name, description }) => element('th', { attributes: { scope: 'col', title: description } }, name)));
  return {
    element: element('div', { class: 'table-scroll', attributes: { tabindex: 0, role: 'region', 'aria-label': 'Parameters of each expert' } }, element('table', {}, element('caption', { class: 'visually-hidden' }, 'Parameters of each expert'), element('thead', {}, head), element('tbody', {}, ...rows))),
    update: (draft) => cells.flat().forEach((cell) => {
      cell.update(draft);
      // an expert without a value of its own has that of all
      const input = cell.element.querySelector('input');
      if (input && !cell.isOfAll) input.placeholder = String(draft.parameters[cell.field.name] ?? cell.field.default ?? 'needed');
    }),
  };
}

function fisherLine(name: string, path: string | null, onChoose: () => void): HTMLElement {
  return element('p', {}, `Fisher information of ${name}: `, path === null || path === '' ? element('span', { class: 'muted' }, 'not chosen') : path, ' ', button({ label: 'Choose…', title: `Choose… the Fisher information of ${name}`, onClick: onChoose }));
}
