import type { TooltipHandler } from 'vega';
import { element } from './element';

/**
 * Shows Vega's tooltips as a small themed card that stays inside the window. One card serves the whole page. It repeats
 * what the tables say, so it is hidden from screen readers.
 */
export function tooltipCard(): TooltipHandler {
  let card: HTMLElement | null = null;
  return (_handler, event, _item, value) => {
    card ??= document.body.appendChild(element('div', { class: 'tooltip', attributes: { 'aria-hidden': 'true', hidden: true } }));
    if (value == null || value === '') {
      card.hidden = true;
      return;
    }
    card.replaceChildren(...rowsOf(value));
    card.hidden = false;
    const { clientX, clientY } = event as MouseEvent;
    const { width, height } = card.getBoundingClientRect();
    const x = clientX + 14 + width > window.innerWidth ? clientX - 14 - width : clientX + 14;
    const y = clientY + 14 + height > window.innerHeight ? clientY - 14 - height : clientY + 14;
    card.style.transform = `translate(${Math.max(4, x)}px, ${Math.max(4, y)}px)`;
  };
}

function rowsOf(value: unknown): Node[] {
  if (typeof value !== 'object' || value === null) return [document.createTextNode(String(value))];
  return Object.entries(value).filter(([, content]) => content !== '').map(([name, content]) => element('div', { class: 'tooltip-row' }, element('span', {}, name), element('b', {}, String(content))));
}
