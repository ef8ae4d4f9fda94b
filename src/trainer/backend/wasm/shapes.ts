/** Number of elements of a shape; 1 for a scalar. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1);
}

/** Axes as tfjs passes them (one, several, negative, null for all) as sorted non-negative numbers. */
export function normalizeAxes(axis: number | readonly number[] | null | undefined, rank: number): number[] {
  const axes = axis == null ? Array.from({ length: rank }, (_, index) => index) : typeof axis === 'number' ? [axis] : [...axis];
  return axes.map((index) => (index < 0 ? index + rank : index)).sort((a, b) => a - b);
}

/**
 * Shape that two shapes broadcast to (NumPy's rule), or null when they do not.
 */
export function broadcastShape(a: readonly number[], b: readonly number[]): number[] | null {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let i = 0; i < rank; i++) {
    const [p, q] = [a[a.length - rank + i] ?? 1, b[b.length - rank + i] ?? 1];
    if (p !== q && p !== 1 && q !== 1) return null;
    shape.push(p === 1 ? q : p);
  }
  return shape;
}

/** Index into a tensor of shape `from` for every element, in order, of the shape `to` that it broadcasts to. */
export function broadcastIndices(from: readonly number[], to: readonly number[]): number[] {
  let indices = [0];
  let stride = sizeOf(from);
  for (let i = 0; i < to.length; i++) {
    const length = from[from.length - to.length + i] ?? 1;
    stride /= length || 1;
    const step = length === 1 ? 0 : stride;
    indices = indices.flatMap((start) => Array.from({ length: to[i] }, (_, k) => start + k * step));
  }
  return indices;
}
