import * as l10n from '@vscode/l10n';
import type { LineStyle } from '../../src/charts/reward-curves';
import type { CurveRun } from '../../src/protocol/panels';
import type { RunState } from '../../src/runs/run-record';
import { badge, linkButton } from '../kit/controls';
import { element, setChildren } from '../kit/element';

const tones: Readonly<Record<RunState, 'neutral' | 'good' | 'bad' | 'busy'>> = {
  queued: 'neutral', starting: 'busy', running: 'busy', stopping: 'busy', stopped: 'neutral', succeeded: 'good', failed: 'bad', lost: 'bad',
};

export interface LegendOptions {
  readonly onPin: (pinned: readonly string[]) => void;
  readonly onLog: (run: string) => void;
}

export interface Legend {
  readonly element: HTMLElement;
  update(runs: readonly CurveRun[], pinned: readonly string[], style: (run: string) => LineStyle): void;
}

/**
 * The runs: colour, state, backend in use. Pressing one shows it alone; pressing it again shows all; with Shift or Ctrl
 * it is added to, or taken from, those shown. Buttons, so Enter and Space do the same as a click.
 */
export function legend({ onPin, onLog }: LegendOptions): Legend {
  const list = element('ul', { class: 'legend', attributes: { 'aria-label': l10n.t('Runs: press one to show it alone, with Shift to add it') } });
  const entries = new Map<string, { readonly item: HTMLElement; readonly pin: HTMLElement; readonly about: HTMLElement }>();
  let current: readonly string[] = [];

  const press = (run: string, isAdding: boolean): void => {
    const isPinned = current.includes(run);
    if (isAdding) onPin(isPinned ? current.filter((name) => name !== run) : [...current, run]);
    else onPin(isPinned && current.length === 1 ? [] : [run]);
  };
  const entryOf = (run: string): { readonly item: HTMLElement; readonly pin: HTMLElement; readonly about: HTMLElement } => {
    let entry = entries.get(run);
    if (!entry) {
      const pin = element('button', { class: 'pin', attributes: { type: 'button' } }, swatch(), element('span', { class: 'run-name' }, run));
      pin.addEventListener('click', (event) => press(run, event.shiftKey || event.ctrlKey || event.metaKey));
      const about = element('span', { class: 'run-about' });
      const log = linkButton({ label: l10n.t('log'), title: l10n.t('Open the log of {0}', run), onClick: () => onLog(run) });
      entry = { item: element('li', {}, pin, about, log), pin, about };
      entries.set(run, entry);
    }
    return entry;
  };
  return {
    element: list,
    update(runs, pinned, style) {
      current = pinned.filter((name) => runs.some((run) => run.name === name));
      setChildren(list, ...runs.map((run) => {
        const { item, pin, about } = entryOf(run.name);
        const isShown = current.length === 0 || current.includes(run.name);
        pin.setAttribute('aria-pressed', String(current.includes(run.name)));
        pin.title = run.objective === null ? run.kind : l10n.t('{0}, maximises {1}', run.kind, run.objective);
        item.classList.toggle('faded', !isShown);
        paint(pin.firstElementChild!, style(run.name));
        const key = `${run.state} ${run.backend}`;
        if (about.dataset['key'] !== key) {
          about.dataset['key'] = key;
          about.replaceChildren(badge(run.state, tones[run.state]), ...(run.backend === null ? [] : [element('span', { class: 'backend', attributes: { title: l10n.t('backend in use') } }, run.backend)]));
        }
        return item;
      }));
    },
  };
}

/** A short line, drawn as the run's is. */
function swatch(): SVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  for (const [name, value] of Object.entries({ class: 'swatch', width: 22, height: 10, 'aria-hidden': true })) svg.setAttribute(name, String(value));
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  line.setAttribute('d', 'M0 5H22');
  line.setAttribute('stroke-width', '2');
  svg.append(line);
  return svg;
}

function paint(svg: Element, { colour, dash }: LineStyle): void {
  svg.firstElementChild!.setAttribute('stroke', colour);
  svg.firstElementChild!.setAttribute('stroke-dasharray', dash.join(' '));
}
