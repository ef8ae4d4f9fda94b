/** A matrix by its columns, each [rows]. */
export type Columns = readonly Float64Array[];

/** M = U diag(σ) Vᵀ, thin: U [rows][k], V [columns][k], σ falling. */
export interface Svd {
  readonly u: Columns;
  readonly values: Float64Array;
  readonly v: Columns;
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}

const sweepLimit = 60;

/**
 * Thin singular value decomposition: that of R in M = QR, so that the iteration runs over k rows however long the
 * columns are. Columns of U to σ = 0 are zeros.
 */
export function thinSvd(matrix: Columns): Svd {
  const scale = squarableScale(matrix);
  const { u, values, v } = svdOfScaled(matrix.map((column) => column.map((value) => value * scale)));
  return { u, values: values.map((value) => value / scale), v };
}

/** A power of two (so that nothing is rounded) that brings the largest value near 1: squares neither vanish nor overflow. */
function squarableScale(matrix: Columns): number {
  let largest = 0;
  for (const column of matrix) for (const value of column) largest = Math.max(largest, Math.abs(value));
  return largest > 0 && largest < Infinity ? 2 ** Math.min(1000, -Math.floor(Math.log2(largest))) : 1;
}

function svdOfScaled(matrix: Columns): Svd {
  if (matrix.length === 0 || matrix[0].length <= matrix.length) return jacobiSvd(matrix);
  const { reflections, triangle } = triangularise(matrix);
  const { u, values, v } = jacobiSvd(triangle);
  return { u: u.map((column) => reflected(column, reflections)), values, v };
}

/** M = QR by Householder reflections (Golub and Van Loan 2013, 5.2): their vectors, [k][rows], and R by columns, [k][k]. */
function triangularise(matrix: Columns): { readonly reflections: Columns; readonly triangle: Columns } {
  const k = matrix.length;
  const work = matrix.map((column) => Float64Array.from(column));
  const reflections = work.map((column, j) => {
    const vector = new Float64Array(column.length);
    vector.set(column.subarray(j), j);
    const scale = squarableScale([vector]); // its length does not matter, that its square vanishes would
    for (let i = j; i < vector.length; i++) vector[i] *= scale;
    const norm = Math.sqrt(dot(vector, vector));
    vector[j] += vector[j] < 0 ? -norm : norm;
    for (const later of work.slice(j)) reflect(later, vector);
    return vector;
  });
  return { reflections, triangle: work.map((column, j) => column.slice(0, k).fill(0, j + 1)) };
}

/** Q·x for x of the first k coordinates. */
function reflected(x: Float64Array, reflections: Columns): Float64Array {
  const y = new Float64Array(reflections[0].length);
  y.set(x);
  for (const vector of reflections.toReversed()) reflect(y, vector);
  return y;
}

/** Reflects at the plane that a vector is normal to; a vector of zeros has none. */
function reflect(column: Float64Array, normal: Float64Array): void {
  const square = dot(normal, normal);
  if (square === 0) return;
  const factor = (2 * dot(normal, column)) / square;
  for (let i = 0; i < column.length; i++) column[i] -= factor * normal[i];
}

/** By one-sided Jacobi rotations (Hestenes 1958; Demmel and Veselić 1992): each makes two columns orthogonal, to the last bits of float64. */
function jacobiSvd(matrix: Columns): Svd {
  const k = matrix.length;
  const work = matrix.map((column) => Float64Array.from(column));
  const v = work.map((_, i) => new Float64Array(k).fill(1, i, i + 1));
  let isDone = false;
  for (let sweep = 0; sweep < sweepLimit && !isDone; sweep++) {
    isDone = true;
    for (let p = 0; p < k; p++) for (let q = p + 1; q < k; q++) if (makeOrthogonal(work, v, p, q)) isDone = false;
  }
  const norms = work.map((column) => Math.sqrt(dot(column, column)));
  const order = [...norms.keys()].sort((a, b) => norms[b] - norms[a]);
  return {
    u: order.map((i) => work[i].map((value) => (norms[i] > 0 ? value / norms[i] : 0))),
    values: Float64Array.from(order, (i) => norms[i]),
    v: order.map((i) => v[i]),
  };
}

/** Rotates columns p and q of both matrices; whether it had to. */
function makeOrthogonal(work: Columns, v: Columns, p: number, q: number): boolean {
  const [alpha, beta, gamma] = [dot(work[p], work[p]), dot(work[q], work[q]), dot(work[p], work[q])];
  if (!(Math.abs(gamma) > Number.EPSILON * Math.sqrt(alpha * beta))) return false;
  const zeta = (beta - alpha) / (2 * gamma);
  const t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
  const c = 1 / Math.hypot(1, t);
  for (const columns of [work, v]) rotate(columns[p], columns[q], c, c * t);
  return true;
}

function rotate(a: Float64Array, b: Float64Array, c: number, s: number): void {
  for (let k = 0; k < a.length; k++) {
    const [x, y] = [a[k], b[k]];
    a[k] = c * x - s * y;
    b[k] = s * x + c * y;
  }
}

/** M·N for M by columns, [rows][k], and N by columns, [k][m]. */
export function multiply(m: Columns, n: Columns): Columns {
  return n.map((weights) => {
    const column = new Float64Array(m[0].length);
    for (const [k, source] of m.entries()) for (let i = 0; i < column.length; i++) column[i] += weights[k] * source[i];
    return column;
  });
}
