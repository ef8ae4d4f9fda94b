import { element } from '../kit/element';

/** Labels and values in two columns. */
export function factList(entries: readonly (readonly [label: string, value: string | Node])[]): HTMLElement {
  return element('dl', { class: 'facts' }, ...entries.flatMap(([label, value]) => [element('dt', {}, label), element('dd', {}, value)]));
}
