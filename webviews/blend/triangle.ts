import * as l10n from '@vscode/l10n';
import { lambdaAt, roundedLambda, trianglePoint, uniformLambda, withLinkedWeight } from '../../src/analysis/linked-weights';
import { weightText, weightsText } from '../../src/analysis/simplex';
import { element, setAttribute } from '../kit/element';
import { shape, shortName } from './drawing';
import type { LambdaPicker } from './segment';

const side = 240;
const margin = { x: 76, top: 26, bottom: 30 };
const height = (side * Math.sqrt(3)) / 2;
const width = side + 2 * margin.x;
const total = height + margin.top + margin.bottom;
const steps = { small: 0.01, large: 0.1 };

/** Place on the drawing, with y downwards. */
function place(lambda: readonly number[]): { readonly x: number; readonly y: number } {
  const { x, y } = trianglePoint(lambda);
  return { x: margin.x + side * x, y: margin.top + height - side * y };
}

/**
 * λ of three experts in a triangle whose corners are the experts: a click or a drag sets it, the arrow keys move it (with
 * Shift by tenths), Home goes to the middle. Small dots are what a sweep has measured.
 */
export function trianglePicker(onMove: (lambda: readonly number[]) => void): LambdaPicker {
  const drawing = shape('svg', { viewBox: `0 0 ${width} ${total}`, width, height: total, 'aria-hidden': 'true' });
  const box = element('div', { class: 'triangle', attributes: { tabindex: 0, role: 'application', 'aria-roledescription': l10n.t('triangle of weights') } });
  box.append(drawing);
  let current: readonly number[] = uniformLambda(3);

  const moveTo = (event: PointerEvent): void => {
    const { left, top, width: shown } = drawing.getBoundingClientRect();
    const scale = width / (shown || width);
    onMove(lambdaAt({ x: ((event.clientX - left) * scale - margin.x) / side, y: (margin.top + height - (event.clientY - top) * scale) / side }));
  };
  let isDragging = false;
  box.addEventListener('pointerdown', (event) => {
    isDragging = true;
    box.setPointerCapture?.(event.pointerId);
    moveTo(event);
  });
  box.addEventListener('pointermove', (event) => isDragging && moveTo(event));
  for (const end of ['pointerup', 'pointercancel'] as const) box.addEventListener(end, () => (isDragging = false));
  box.addEventListener('keydown', (event) => {
    const next = moved(current, event.key, event.shiftKey ? steps.large : steps.small);
    if (!next) return;
    event.preventDefault();
    onMove(next);
  });
  return {
    element: box,
    update(names, lambda, measured) {
      current = lambda;
      setAttribute(box, 'aria-label', l10n.t('λ of {0}: {1}. Arrow keys move it.', names.join(', '), weightsText(Object.fromEntries(names.map((name, index) => [name, lambda[index]!])))));
      const corners = [[1, 0, 0], [0, 1, 0], [0, 0, 1]].map(place);
      const { x, y } = place(lambda);
      drawing.replaceChildren(
        shape('polygon', { class: 'triangle-outline', points: corners.map((corner) => `${corner.x},${corner.y}`).join(' ') }),
        ...[0.25, 0.5, 0.75].flatMap((part) => [[[1 - part, part, 0], [1 - part, 0, part]], [[part, 1 - part, 0], [0, 1 - part, part]], [[part, 0, 1 - part], [0, part, 1 - part]]]).map(([from, to]) => {
          const [a, b] = [place(from!), place(to!)];
          return shape('line', { class: 'triangle-grid', x1: a.x, y1: a.y, x2: b.x, y2: b.y });
        }),
        ...measured.map(place).map((point) => shape('circle', { class: 'triangle-measured', cx: point.x, cy: point.y, r: 3 })),
        ...names.map((name, index) => shape('text', { x: corners[index]!.x, y: corners[index]!.y + (index === 2 ? -10 : 20), 'text-anchor': 'middle' }, `${shortName(name)} ${weightText(lambda[index]!)}`)),
        shape('circle', { class: 'triangle-handle', cx: x, cy: y, r: 7 }),
      );
    },
  };
}

/** λ after a key; null for keys that move nothing. Left and right trade the lower two, up and down take from both. */
function moved(lambda: readonly number[], key: string, by: number): number[] | null {
  const [first, second, third] = lambda as readonly [number, number, number];
  const trade = (amount: number): number[] => {
    const given = Math.max(-second, Math.min(first, amount));
    return roundedLambda([first - given, second + given, third]);
  };
  switch (key) {
    case 'ArrowRight': return trade(by);
    case 'ArrowLeft': return trade(-by);
    case 'ArrowUp': return withLinkedWeight(lambda, 2, third + by);
    case 'ArrowDown': return withLinkedWeight(lambda, 2, third - by);
    case 'Home': return uniformLambda(3);
    default: return null;
  }
}
