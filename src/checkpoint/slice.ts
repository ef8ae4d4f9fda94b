import { SoupError } from '../errors';

/** What a slice takes of one axis: [start, stop), and whether the axis stays (a bare index drops it, as in numpy). */
export interface AxisRange {
  readonly start: number;
  readonly stop: number;
  readonly isKept: boolean;
}

/**
 * Reads a slice in numpy's notation: `0:64, :, -1`. Axes that are left out at the end are taken whole; negative numbers
 * count from the end; bounds beyond an axis are clipped, a bare index beyond it is an error.
 * @param shape of the tensor, [axes]
 * @returns a range an axis, [axes]
 * @throws InvalidSliceError
 */
export function parseSlice(text: string, shape: readonly number[]): AxisRange[] {
  const parts = text.trim() === '' ? [] : text.split(',').map((part) => part.trim());
  if (parts.length > shape.length) throw invalid(text, `it has ${parts.length} axes, the tensor ${shape.length} ([${shape.join(', ')}])`);
  return shape.map((length, axis) => parseAxis(parts[axis] ?? ':', length, axis, text));
}

function parseAxis(part: string, length: number, axis: number, text: string): AxisRange {
  if (/^-?\d+$/.test(part)) {
    const index = Number(part) < 0 ? Number(part) + length : Number(part);
    if (index < 0 || index >= length) throw invalid(text, `index ${part} lies outside axis ${axis} of length ${length}`);
    return { start: index, stop: index + 1, isKept: false };
  }
  const bounds = /^(-?\d+)?\s*:\s*(-?\d+)?$/.exec(part);
  if (!bounds) throw invalid(text, `axis ${axis} has ${JSON.stringify(part)}; write an index or start:stop`);
  const bound = (digits: string | undefined, otherwise: number): number => {
    if (digits === undefined) return otherwise;
    const value = Number(digits) < 0 ? Number(digits) + length : Number(digits);
    return Math.min(length, Math.max(0, value));
  };
  const start = bound(bounds[1], 0);
  return { start, stop: Math.max(start, bound(bounds[2], length)), isKept: true };
}

function invalid(text: string, why: string): SoupError {
  return new SoupError('InvalidSliceError', `slice ${JSON.stringify(text)}: ${why} — for example 0:10, :`);
}

/** Shape of what a slice takes. */
export function sliceShape(ranges: readonly AxisRange[]): number[] {
  return ranges.filter(({ isKept }) => isKept).map(({ start, stop }) => stop - start);
}

/** A run of elements that lie side by side, as offsets into the row-major tensor. */
export interface ElementRun {
  readonly start: number;
  readonly length: number;
}

/**
 * The elements of a slice in row-major order, as the longest runs that lie side by side.
 * @param limit longest run given in one piece, in elements
 */
export function* elementRuns(ranges: readonly AxisRange[], shape: readonly number[], limit = 1 << 20): Generator<ElementRun> {
  if (ranges.some(({ start, stop }) => start === stop)) return;
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, length) => product * length, 1));
  // the axes behind `inner` are taken whole, so a range of `inner` is one run
  let inner = ranges.length - 1;
  while (inner > 0 && ranges[inner].start === 0 && ranges[inner].stop === shape[inner]) inner--;
  const length = inner < 0 ? 1 : (ranges[inner].stop - ranges[inner].start) * strides[inner];
  const position = ranges.map(({ start }) => start);
  for (;;) {
    const first = position.reduce((sum, index, axis) => sum + index * strides[axis], 0);
    for (let done = 0; done < length; done += limit) yield { start: first + done, length: Math.min(limit, length - done) };
    let axis = inner - 1;
    for (; axis >= 0 && ++position[axis] === ranges[axis].stop; axis--) position[axis] = ranges[axis].start;
    if (axis < 0) return;
  }
}
