import * as l10n from '@vscode/l10n';
import { lambdaAtPoint, withLinkedWeight, withPoint, type Curves } from '../../src/analysis/linked-weights';
import { weightText } from '../../src/analysis/simplex';
import { checkbox } from '../kit/controls';
import { element, setAttribute } from '../kit/element';
import { numberField, type NumberField } from '../kit/number-field';
import { readTheme, watchTheme } from '../kit/theme';
import { shape } from './drawing';

const size = { width: 420, height: 190, left: 58, right: 34, top: 12, bottom: 28 };
const dashes = ['', '7 4', '2 3', '9 3 2 3', '5 2 1 2 1 2'];
const marks = ['circle', 'rect', 'diamond'] as const;
export const pointLimits = { least: 2, most: 12 };
/** pixels: of one handle, and at most of those that stand side by side at one point */
const handleWidth = 12;
const handlesWidth = 48;
const steps = { small: 0.01, large: 0.1 };

export interface CurveActions {
  /** null: the same λ in all layers */
  readonly onCurves: (curves: Curves | null) => void;
  readonly onPoints: (points: number) => void;
  readonly onTyping: (problem: string | null) => void;
}

export interface CurveEditor {
  readonly element: HTMLElement;
  update(names: readonly string[], curves: Curves | null, layers: number, isLinked: boolean): void;
}

/**
 * λ over the layers: a curve an expert, moved by the mouse, by the arrow keys (up and down change a weight, left and right
 * go from point to point) or in the table. While weights are linked, what one curve gets the others give at that point.
 */
export function curveEditor({ onCurves, onPoints, onTyping }: CurveActions): CurveEditor {
  let names: readonly string[] = [];
  let curves: Curves | null = null;
  let isLinked = true;
  let layers = 0;
  let known = '';
  let fields: readonly (readonly NumberField[])[] = [];
  let handles: readonly (readonly SVGElement[])[] = [];

  const toggle = checkbox(l10n.t('λ changes over the layers'), false, (isOn) => {
    if (isOn !== (curves !== null)) onCurves(isOn ? [] : null); // the toolkit's box tells of its own setting too
  }) as HTMLElement & { checked: boolean };
  const points = numberField({ label: l10n.t('Points'), title: l10n.t('of each curve, spread evenly from the first layer to the last'), check: (value) => (Number.isInteger(value) && value >= pointLimits.least && value <= pointLimits.most ? null : l10n.t('Points: a whole number from {0} to {1}', pointLimits.least, pointLimits.most)), onProblem: onTyping, onChange: (value) => onPoints(value!) });
  const drawing = shape('svg', { viewBox: `0 0 ${size.width} ${size.height}`, width: size.width, height: size.height, role: 'group', 'aria-label': l10n.t('λ over the layers') });
  const lines = shape('g', {});
  const dots = shape('g', {});
  drawing.append(lines, dots);
  const legend = element('p', { class: 'curve-legend' });
  const head = element('tr');
  const body = element('tbody');
  const table = element('div', { class: 'table-scroll', attributes: { tabindex: 0, role: 'region', 'aria-label': l10n.t('λ over the layers, as numbers') } }, element('table', {}, element('caption', { class: 'visually-hidden' }, l10n.t('λ over the layers')), element('thead', {}, head), body));
  const note = element('p', { class: 'muted' }, l10n.t('Between the points λ is interpolated; embeddings, final norm and head take the first value, as in mergekit.'));
  const box = element('div', { class: 'curves' }, element('div', { class: 'controls' }, points.element), drawing as unknown as HTMLElement, legend, note, element('details', {}, element('summary', {}, l10n.t('Numbers')), table));

  const set = (expert: number, point: number, value: number): void => {
    if (!curves) return;
    const lambda = lambdaAtPoint(curves, point);
    onCurves(withPoint(curves, point, isLinked ? withLinkedWeight(lambda, expert, value) : lambda.map((weight, other) => (other === expert ? value : weight))));
  };
  const top = (): number => Math.max(1, ...(curves ?? []).flat());
  const bottom = (): number => Math.min(0, ...(curves ?? []).flat());
  const x = (point: number, count: number): number => size.left + ((size.width - size.left - size.right) * point) / Math.max(1, count - 1);
  const y = (weight: number): number => size.top + ((size.height - size.top - size.bottom) * (top() - weight)) / (top() - bottom());

  const rebuild = (count: number): void => {
    head.replaceChildren(element('th', { attributes: { scope: 'col' } }, l10n.t('Layer')), ...names.map((name) => element('th', { attributes: { scope: 'col' } }, name)));
    fields = names.map((name, expert) => Array.from({ length: count }, (_, point) => numberField({
      label: l10n.t('λ of {0} at {1}', name, layerText(point, count)), isLabelShown: false, onProblem: onTyping,
      check: (value) => (isLinked && (value < 0 || value > 1) ? l10n.t('{0} has {1}: weights that sum to 1 lie between 0 and 1', name, value) : null),
      onChange: (value) => set(expert, point, value!),
    })));
    body.replaceChildren(...Array.from({ length: count }, (_, point) => element('tr', {}, element('th', { attributes: { scope: 'row' } }, layerText(point, count)), ...names.map((_name, expert) => element('td', {}, fields[expert]![point]!.element)))));
    handles = names.map((_, expert) => Array.from({ length: count }, (_unused, point) => handle(expert, point, count)));
    dots.replaceChildren(...handles.flat());
  };
  const layerText = (point: number, count: number): string => (layers > 1 ? l10n.t('layer {0}', Number((1 + ((layers - 1) * point) / Math.max(1, count - 1)).toFixed(1))) : l10n.t('point {0}', point + 1));
  const handle = (expert: number, point: number, count: number): SVGElement => {
    const made = shape('path', { class: 'curve-handle', tabindex: 0, role: 'slider', 'aria-orientation': 'vertical', d: markPath(marks[expert % marks.length]!) });
    const drag = (event: PointerEvent): void => {
      const { top: above, height } = drawing.getBoundingClientRect();
      const at = ((event.clientY - above) * size.height) / (height || size.height);
      const value = top() - ((at - size.top) * (top() - bottom())) / (size.height - size.top - size.bottom);
      set(expert, point, Number((isLinked ? Math.min(1, Math.max(0, value)) : value).toFixed(2)));
    };
    let isDragging = false;
    made.addEventListener('pointerdown', (event) => {
      isDragging = true;
      made.setPointerCapture?.(event.pointerId);
      event.preventDefault();
      (made as unknown as HTMLElement).focus();
    });
    made.addEventListener('pointermove', (event) => isDragging && drag(event));
    for (const end of ['pointerup', 'pointercancel'] as const) made.addEventListener(end, () => (isDragging = false));
    made.addEventListener('keydown', (event) => {
      const by = event.shiftKey ? steps.large : steps.small;
      const now = curves?.[expert]?.[point] ?? 0;
      const moves: Readonly<Record<string, () => void>> = {
        ArrowUp: () => set(expert, point, Number((now + by).toFixed(6))),
        ArrowDown: () => set(expert, point, Number((now - by).toFixed(6))),
        ArrowRight: () => (handles[expert]![Math.min(count - 1, point + 1)] as unknown as HTMLElement).focus(),
        ArrowLeft: () => (handles[expert]![Math.max(0, point - 1)] as unknown as HTMLElement).focus(),
      };
      const move = moves[event.key];
      if (!move) return;
      event.preventDefault();
      move();
    });
    return made;
  };

  const draw = (): void => {
    if (!curves) return;
    const { palette } = readTheme();
    const count = curves[0]?.length ?? 0;
    const colour = (expert: number): string => palette[expert % palette.length]!;
    lines.replaceChildren(
      ...[bottom(), 0, 1, top()].filter((level, index, all) => all.indexOf(level) === index).flatMap((level) => [
        shape('line', { class: 'triangle-grid', x1: size.left, x2: size.width - size.right, y1: y(level), y2: y(level) }),
        shape('text', { x: size.left - 6, y: y(level) + 4, 'text-anchor': 'end' }, weightText(level)),
      ]),
      shape('text', { x: size.left, y: size.height - 8, 'text-anchor': 'start' }, l10n.t('first layer')),
      shape('text', { x: size.width - size.right, y: size.height - 8, 'text-anchor': 'end' }, l10n.t('last layer')),
      ...curves.map((curve, expert) => shape('polyline', { class: 'curve-line', points: curve.map((weight, point) => `${x(point, count)},${y(weight)}`).join(' '), stroke: colour(expert), 'stroke-dasharray': dashes[expert % dashes.length]! })),
    );
    for (const [expert, row] of handles.entries()) {
      for (const [point, made] of row.entries()) {
        const weight = curves[expert]![point]!;
        made.setAttribute('transform', `translate(${x(point, count) + asideOf(curves.map((curve) => y(curve[point]!)), expert, x(1, count) - x(0, count))} ${y(weight)})`);
        made.setAttribute('fill', colour(expert));
        for (const [name, value] of Object.entries({ 'aria-label': l10n.t('λ of {0} at {1}', names[expert]!, layerText(point, count)), 'aria-valuenow': weight, 'aria-valuemin': bottom(), 'aria-valuemax': top(), 'aria-valuetext': String(weight) })) setAttribute(made, name, value);
      }
    }
    legend.replaceChildren(...names.map((name, expert) => {
      const swatch = shape('svg', { width: 34, height: 14, 'aria-hidden': 'true' });
      swatch.append(shape('line', { class: 'curve-line', x1: 0, x2: 34, y1: 7, y2: 7, stroke: colour(expert), 'stroke-dasharray': dashes[expert % dashes.length]! }), shape('path', { d: markPath(marks[expert % marks.length]!), transform: 'translate(17 7)', fill: colour(expert) }));
      return element('span', {}, swatch, name);
    }));
  };

  watchTheme(draw);

  return {
    element: element('div', {}, toggle, box),
    update(nextNames, nextCurves, nextLayers, linked) {
      [names, curves, isLinked, layers] = [nextNames, nextCurves, linked, nextLayers];
      if (toggle.checked !== (curves !== null)) toggle.checked = curves !== null;
      box.hidden = curves === null;
      if (!curves) return;
      const count = curves[0]?.length ?? 0;
      const key = JSON.stringify([names, count, layers]);
      if (key !== known) {
        known = key;
        rebuild(count);
      }
      points.update(count);
      for (const [expert, row] of fields.entries()) for (const [point, field] of row.entries()) field.update(curves[expert]![point]!);
      draw();
    },
  };
}

/**
 * How far aside a handle stands, so that those of equal weights can all be seen and taken hold of.
 * @param heights of the handles at one point
 * @param room from one point to the next
 */
export function asideOf(heights: readonly number[], expert: number, room: number): number {
  const near = heights.flatMap((height, other) => (Math.abs(height - heights[expert]!) < handleWidth ? [other] : []));
  const step = Math.min(handleWidth, Math.min(handlesWidth, room) / near.length);
  return (near.indexOf(expert) - (near.length - 1) / 2) * step;
}

function markPath(mark: (typeof marks)[number]): string {
  if (mark === 'rect') return 'M-5,-5H5V5H-5Z';
  return mark === 'diamond' ? 'M0,-7L7,0L0,7L-7,0Z' : 'M-6,0A6,6 0 1 0 6,0A6,6 0 1 0 -6,0Z';
}
