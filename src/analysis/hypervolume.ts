/**
 * Volume that the points dominate above the reference, all rewards maximised; exact, for any number of rewards. Points on
 * or below the reference in any reward add nothing. The exclusive volume of each point is its box less what the points
 * before it, cut down to that box, already fill (WFG; While, Bradstreet & Barone 2012); in the order of the last reward
 * the cut-down points share the point's value there, so each step has one reward fewer.
 * @param points [n][rewards]
 * @param reference [rewards]
 */
export function hypervolume(points: readonly (readonly number[])[], reference: readonly number[]): number {
  const above = points.filter((point) => point.every((value, index) => value > reference[index]));
  return volume(nonDominated(above.map((point) => point.map((value, index) => value - reference[index]))), reference.length);
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

/** @param front no point covers another; only the first `rewards` values count */
function volume(front: readonly (readonly number[])[], rewards: number): number {
  if (front.length === 0) return 0;
  if (rewards === 1) return front.reduce((largest, [value]) => Math.max(largest, value), 0);
  if (rewards === 2) return area(front);
  const last = rewards - 1;
  const sorted = [...front].sort((a, b) => b[last] - a[last]);
  let total = 0;
  for (const [index, point] of sorted.entries()) {
    const box = point.slice(0, last);
    const cut = sorted.slice(0, index).map((other) => box.map((value, k) => Math.min(value, other[k])));
    total += point[last] * (box.reduce((product, value) => product * value, 1) - volume(nonDominated(cut), last));
  }
  return total;
}

/** Of two rewards: strips of falling first reward. */
function area(front: readonly (readonly number[])[]): number {
  let total = 0;
  let height = 0;
  for (const [x, y] of [...front].sort((a, b) => b[0] - a[0])) {
    if (y <= height) continue;
    total += x * (y - height);
    height = y;
  }
  return total;
}
