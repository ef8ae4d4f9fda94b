/**
 * Volume that the points dominate above the reference, all rewards maximised; exact, for any number of rewards. Points on
 * or below the reference in any reward add nothing. The exclusive volume of each point is its box less what the points
 * before it, cut down to that box, already fill (WFG; While, Bradstreet & Barone 2012); in the order of the last reward
 * the cut-down points share the point's value there, so each step has one reward fewer, down to the sweep of three.
 * @param points [n][rewards]
 * @param reference [rewards]
 */
export function hypervolume(points: readonly (readonly number[])[], reference: readonly number[]): number {
  const above = points.filter((point) => point.every((value, index) => value > reference[index]));
  return volume(above.map((point) => point.map((value, index) => value - reference[index])), reference.length);
}

/** Points that no other is at least as good as in every reward; of equal ones the first. @param points [n][rewards] */
export function nonDominated(points: readonly (readonly number[])[]): (readonly number[])[] {
  const front: (readonly number[])[] = [];
  // the sum of a dominating point is larger: with falling sums no later point dominates an earlier one
  const sorted = points.map((point) => ({ point, sum: point.reduce((total, value) => total + value, 0) })).sort((a, b) => b.sum - a.sum || compareLexically(b.point, a.point));
  for (const { point } of sorted) if (!front.some((other) => covers(other, point))) front.push(point);
  return front;
}

/** Whether `a` is at least as good as `b` in every reward. */
function covers(a: readonly number[], b: readonly number[]): boolean {
  for (let index = 0; index < b.length; index++) if (a[index] < b[index]) return false;
  return true;
}

/** Sums that rounding makes equal must not put a dominated point first. */
function compareLexically(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((value, k) => value !== b[k]);
  return index < 0 ? 0 : a[index] - b[index];
}

/** @param points above zero; only the first `rewards` values count */
function volume(points: readonly (readonly number[])[], rewards: number): number {
  if (points.length === 0) return 0;
  if (rewards === 1) return points.reduce((largest, [value]) => Math.max(largest, value), 0);
  if (rewards === 2) return area(points);
  if (rewards === 3) return sweptVolume([...points].sort((a, b) => b[2] - a[2]), [Infinity, Infinity, Infinity]);
  const last = rewards - 1;
  const sorted = nonDominated(points).sort((a, b) => b[last] - a[last]);
  const before: (readonly number[])[] = []; // of four rewards, in the order of the third
  let total = 0;
  for (const [index, point] of sorted.entries()) {
    const box = point.slice(0, last);
    const filled = rewards === 4 ? sweptVolume(before, box) : volume(sorted.slice(0, index).map((other) => box.map((value, k) => Math.min(value, other[k]))), last);
    total += point[last] * (box.reduce((product, value) => product * value, 1) - filled);
    if (rewards === 4) before.splice(firstIndex(before.length, (at) => before[at][2] <= point[2]), 0, point);
  }
  return total;
}

/** Of two rewards: strips of falling first reward. */
function area(points: readonly (readonly number[])[]): number {
  let total = 0;
  let height = 0;
  for (const [x, y] of [...points].sort((a, b) => b[0] - a[0])) {
    if (y <= height) continue;
    total += x * (y - height);
    height = y;
  }
  return total;
}

/**
 * Of three rewards: slabs of falling third reward, each as large as the staircase of the points so far in the other two
 * (HV3D; Fonseca, Paquete & López-Ibáñez 2006). A point puts its own step where it stands out, in place of those that it covers.
 * @param points in the order of falling third reward; more rewards do not count
 * @param box [3], which the points are cut down to
 */
function sweptVolume(points: readonly (readonly number[])[], [right, top, front]: readonly number[]): number {
  const [xs, ys]: [number[], number[]] = [[], []]; // steps of falling x and rising y
  let [total, area, above] = [0, 0, 0];
  for (const point of points) {
    const [x, y, z] = [Math.min(point[0], right), Math.min(point[1], top), Math.min(point[2], front)];
    const start = firstIndex(xs.length, (at) => xs[at] <= x);
    const isCovered = (start > 0 && ys[start - 1] >= y) || (xs[start] === x && ys[start] >= y);
    if (isCovered) continue;
    total += area * (above - z);
    above = z;
    let end = start;
    let edge = x;
    let floor = start > 0 ? ys[start - 1] : 0;
    for (; end < xs.length && ys[end] <= y; end++) {
      area += (edge - xs[end]) * (y - floor);
      edge = xs[end];
      floor = ys[end];
    }
    area += (edge - (xs[end] ?? 0)) * (y - floor);
    xs.splice(start, end - start, x);
    ys.splice(start, end - start, y);
  }
  return total + area * above;
}

/** The first of `count` indices from which on something is so; `count` where it never is. */
function firstIndex(count: number, isSo: (index: number) => boolean): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isSo(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
