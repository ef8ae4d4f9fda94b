/**
 * Points of the simplex lattice: every λ whose parts are multiples of 1/(edge − 1) and sum to 1, the vertices
 * included; with two names the `edge` points of a line. Ordered by the first name's weight, falling.
 * @param edge points on each edge, at least 2
 */
export function simplexGrid(names: readonly string[], edge: number): Record<string, number>[] {
  const parts = (left: number, remaining: number): number[][] =>
    remaining === 1 ? [[left]] : Array.from({ length: left + 1 }, (_, used) => left - used).flatMap((first) => parts(left - first, remaining - 1).map((rest) => [first, ...rest]));
  const divisions = edge - 1;
  return parts(divisions, names.length).map((point) => Object.fromEntries(names.map((name, index) => [name, point[index]! / divisions])));
}

/** How many points that grid has: C(edge − 2 + names, names − 1). */
export function simplexGridSize(names: number, edge: number): number {
  let size = 1;
  for (let k = 1; k < names; k++) size = (size * (edge - 1 + k)) / k;
  return Math.round(size);
}
