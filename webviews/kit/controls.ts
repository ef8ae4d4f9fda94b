// The one file that knows @vscode/webview-ui-toolkit. It is deprecated upstream: another set of components goes in here.
import { provideVSCodeDesignSystem, vsCodeBadge, vsCodeButton, vsCodeCheckbox, vsCodeDropdown, vsCodeOption, vsCodeProgressRing } from '@vscode/webview-ui-toolkit';
import { element, setAttribute, setChildren, setText } from './element';

/** Defines the custom elements that the functions below make. Called once by a page, before it renders. */
export function registerControls(): void {
  provideVSCodeDesignSystem().register(vsCodeBadge(), vsCodeButton(), vsCodeCheckbox(), vsCodeDropdown(), vsCodeOption(), vsCodeProgressRing());
}

export interface ButtonOptions {
  readonly label: string;
  readonly title?: string;
  readonly isPrimary?: boolean;
  readonly onClick: () => void;
}

/** A push button. */
export function button({ label, title, isPrimary, onClick }: ButtonOptions): HTMLElement {
  return element('vscode-button', { attributes: { appearance: isPrimary ? 'primary' : 'secondary', title, 'aria-label': title }, on: { click: onClick } }, label);
}

/** A button that looks like a link: for actions on the rows of a list or table, where the title says which row is meant. */
export function linkButton({ label, title, onClick }: Omit<ButtonOptions, 'isPrimary'>): HTMLElement {
  return element('button', { class: 'link', attributes: { type: 'button', title, 'aria-label': title && `${label}: ${title}` }, on: { click: onClick } }, label);
}

/** A button that stays down: `aria-pressed` says whether. */
export function toggle(label: string, isPressed: boolean, onChange: (isPressed: boolean) => void): HTMLElement {
  const made = element('button', { class: 'toggle', attributes: { type: 'button', 'aria-pressed': String(isPressed) } }, label);
  made.addEventListener('click', () => {
    const next = made.getAttribute('aria-pressed') !== 'true';
    made.setAttribute('aria-pressed', String(next));
    onChange(next);
  });
  return made;
}

export interface Choice<V extends string> {
  readonly value: V;
  readonly label: string;
}

export interface Select<V extends string> {
  readonly element: HTMLElement;
  update(options: readonly Choice<V>[], value: V): void;
}

/** A drop-down list with a visible label. */
export function select<V extends string>(label: string, onChange: (value: V) => void): Select<V> {
  const list = element('vscode-dropdown', { attributes: { 'aria-label': label } }) as HTMLElement & { value: string };
  let known = '';
  list.addEventListener('change', () => onChange(list.value as V));
  return {
    element: element('div', { class: 'field' }, element('span', { class: 'field-label', attributes: { 'aria-hidden': 'true' } }, label), list),
    update(options, value) {
      const key = JSON.stringify(options);
      if (key !== known) {
        known = key;
        list.replaceChildren(...options.map((option) => element('vscode-option', { attributes: { value: option.value, selected: option.value === value } }, option.label)));
      }
      if (list.value !== value) list.value = value;
    },
  };
}

/** A few exclusive choices side by side: native radio buttons, so that the arrow keys move between them. */
export function segmented<V extends string>(label: string, choices: readonly Choice<V>[], value: V, onChange: (value: V) => void): HTMLElement {
  const group = `segmented-${label.replaceAll(/\W+/g, '-')}`;
  const options = choices.map((choice) =>
    element('label', { class: 'segment' },
      element('input', { attributes: { type: 'radio', name: group, value: choice.value, checked: choice.value === value }, on: { change: () => onChange(choice.value) } }),
      element('span', {}, choice.label)));
  return element('fieldset', { class: 'field segmented' }, element('legend', { class: 'field-label' }, label), element('div', { class: 'segments' }, ...options));
}

/** A check box. */
export function checkbox(label: string, isChecked: boolean, onChange: (isChecked: boolean) => void): HTMLElement {
  const box = element('vscode-checkbox', { attributes: { checked: isChecked } }, label) as HTMLElement & { checked: boolean };
  box.addEventListener('change', () => onChange(box.checked));
  return box;
}

/** A line of text, the browser's own: the toolkit calls each of its own "Text field" to screen readers, whatever its label. */
export function textField(attributes: Readonly<Record<string, string>>): HTMLInputElement {
  return element('input', { attributes: { type: 'text', spellcheck: 'false', ...attributes } });
}

/** A line of text to filter by; reports while the user types. */
export function searchField(label: string, value: string, onInput: (text: string) => void): HTMLElement {
  const field = textField({ class: 'text-field search', placeholder: label, 'aria-label': label, value });
  field.addEventListener('input', () => onInput(field.value));
  return field;
}

export interface SliderState {
  readonly minimum: number;
  readonly maximum: number;
  readonly step: number;
  readonly value: number;
  /** the value in words, shown beside the slider and read out */
  readonly text: string;
}

export interface Slider {
  readonly element: HTMLElement;
  update(state: SliderState): void;
}

/** A slider (the toolkit has none: the browser's own, in the theme's colours). */
export function slider(label: string, onInput: (value: number) => void): Slider {
  const input = element('input', { attributes: { type: 'range', 'aria-label': label } });
  const output = element('output', { class: 'slider-value', attributes: { 'aria-hidden': 'true' } });
  input.addEventListener('input', () => onInput(input.valueAsNumber));
  return {
    element: element('div', { class: 'field slider' }, element('span', { class: 'field-label', attributes: { 'aria-hidden': 'true' } }, label), element('span', { class: 'slider-line' }, input, output)),
    update({ minimum, maximum, step, value, text }) {
      for (const [name, content] of Object.entries({ min: minimum, max: maximum, step })) setAttribute(input, name, content);
      if (input.value !== String(value)) input.value = String(value);
      setAttribute(input, 'aria-valuetext', text);
      setText(output, text);
    },
  };
}

/** A turning ring for work under way. */
export function progressRing(label: string): HTMLElement {
  return element('vscode-progress-ring', { attributes: { 'aria-label': label } });
}

/** A bar for work whose end is known. */
export function progressBar(label: string): { readonly element: HTMLElement; update(done: number, total: number | null, text: string): void } {
  const bar = element('progress', { attributes: { 'aria-label': label } });
  const caption = element('span', {});
  const line = element('div', { class: 'progress' }, bar, caption);
  return {
    element: line,
    update(done, total, text) {
      setAttribute(bar, 'max', total ?? 1);
      setAttribute(bar, 'value', total === null ? null : done);
      setText(caption, text);
    },
  };
}

/** Text in a pill, in one of the tones that the style sheet knows. */
export function badge(text: string, tone: 'neutral' | 'good' | 'bad' | 'busy'): HTMLElement {
  return element('span', { class: `badge ${tone}` }, text);
}

/** Buttons and fields in a row that wraps. */
export function toolbar(label: string, ...controls: HTMLElement[]): HTMLElement {
  const bar = element('div', { class: 'toolbar', attributes: { role: 'group', 'aria-label': label } });
  setChildren(bar, ...controls);
  return bar;
}
