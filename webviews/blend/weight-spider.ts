import { weightText, weightsText } from '../../src/analysis/simplex';
import { element, setAttribute } from '../kit/element';
import { shape, shortName } from './drawing';
import type { LambdaPicker } from './segment';

const radius = 92;
const lineHeight = 15;
const size = { width: 430, height: 270 };

/** λ of many experts as a radar, one spoke an expert, scaled to the largest weight; the sliders beside it move it. */
export function weightSpider(): LambdaPicker {
  const drawing = shape('svg', { viewBox: `0 0 ${size.width} ${size.height}`, width: size.width, height: size.height, 'aria-hidden': 'true' });
  const box = element('div', { class: 'triangle weight-spider', attributes: { role: 'img' } });
  box.append(drawing);
  return {
    element: box,
    update(names, lambda) {
      setAttribute(box, 'aria-label', `λ: ${weightsText(Object.fromEntries(names.map((name, index) => [name, lambda[index]!])))}`);
      const largest = Math.max(...lambda.map(Math.abs), Number.MIN_VALUE);
      const at = (index: number, r: number) => {
        const angle = (2 * Math.PI * index) / names.length - Math.PI / 2;
        return { x: size.width / 2 + r * Math.cos(angle), y: size.height / 2 + r * Math.sin(angle), side: Math.round(Math.cos(angle) * 10) };
      };
      const points = lambda.map((weight, index) => at(index, (radius * Math.max(0, weight)) / largest));
      drawing.replaceChildren(
        ...[0.5, 1].map((share) => shape('polygon', { class: 'triangle-grid', fill: 'none', points: names.map((_, index) => at(index, radius * share)).map(({ x, y }) => `${x},${y}`).join(' ') })),
        ...names.map((_, index) => shape('line', { class: 'triangle-grid', x1: size.width / 2, y1: size.height / 2, x2: at(index, radius).x, y2: at(index, radius).y })),
        shape('polygon', { class: 'spider-area', points: points.map(({ x, y }) => `${x},${y}`).join(' ') }),
        ...points.map(({ x, y }) => shape('circle', { class: 'spider-point', cx: x, cy: y, r: 3.5 })),
        ...names.flatMap((name, index) => {
          const { x, y, side } = at(index, radius + 12);
          const anchor = side > 0 ? 'start' : side < 0 ? 'end' : 'middle';
          // two lines, of which the lower stands beside the spoke where it points upwards
          const top = side !== 0 ? y - 3 : y < size.height / 2 ? y - lineHeight : y + 10;
          return [shortName(name), weightText(lambda[index]!)].map((text, line) => shape('text', { x, y: top + line * lineHeight, 'text-anchor': anchor }, text));
        }),
      );
    },
  };
}
