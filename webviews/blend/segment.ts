import * as l10n from '@vscode/l10n';
import { weightsText } from '../../src/analysis/simplex';
import { element, setAttribute, setText } from '../kit/element';

/** A picture of λ that a hand can move. */
export interface LambdaPicker {
  readonly element: HTMLElement;
  update(names: readonly string[], lambda: readonly number[], measured: readonly (readonly number[])[]): void;
}

const step = 0.01;
let pickers = 0;

/** λ of two experts: one slider with a name at each end; ticks where a sweep has measured. */
export function segmentPicker(onMove: (lambda: readonly number[]) => void): LambdaPicker {
  const ticks = element('datalist', { attributes: { id: `measured-${pickers++}` } });
  const input = element('input', { attributes: { type: 'range', min: 0, max: 1, step, list: ticks.id } });
  const [left, right] = [element('span', { class: 'segment-end' }), element('span', { class: 'segment-end' })];
  input.addEventListener('input', () => {
    const second = input.valueAsNumber;
    onMove([Number((1 - second).toFixed(6)), second]);
  });
  return {
    element: element('div', { class: 'segment-picker' }, left, input, right, ticks),
    update(names, lambda, measured) {
      const [first, second] = names as readonly [string, string];
      setText(left, first);
      setText(right, second);
      setAttribute(input, 'aria-label', l10n.t('λ from {0} to {1}', first, second));
      setAttribute(input, 'aria-valuetext', weightsText({ [first]: lambda[0]!, [second]: lambda[1]! }));
      // a step of its own lets the slider stand where a number was typed
      setAttribute(input, 'step', Number.isInteger(Number((lambda[1]! / step).toFixed(6))) ? step : 'any');
      if (input.valueAsNumber !== lambda[1]) input.value = String(lambda[1]);
      ticks.replaceChildren(...measured.map((point) => element('option', { attributes: { value: point[1] } })));
    },
  };
}
