/** A measured value at a place; `variance` is that of its noise. */
export interface Observation {
  readonly x: readonly number[];
  readonly y: number;
  readonly variance: number;
}

export interface Prediction {
  readonly mean: number;
  readonly deviation: number;
}

/** Length scales that are tried, in units of λ; the likeliest is taken. */
const lengths = [0.15, 0.25, 0.4, 0.7, 1.2, 2];
/** Added to every variance, in units of the values' own: keeps the matrix invertible and tells that no surface is this smooth. */
const jitter = 1e-4;

/**
 * Gaussian-process regression with a Matérn 5/2 kernel of one length scale, chosen by the marginal likelihood
 * (Rasmussen & Williams 2006, algorithm 2.1).
 * @param observed at least one
 * @returns the posterior of the noise-free value at a place
 */
export function fitSurface(observed: readonly Observation[]): (x: readonly number[]) => Prediction {
  const centre = observed.reduce((sum, { y }) => sum + y, 0) / observed.length;
  const spread = Math.sqrt(observed.reduce((sum, { y }) => sum + (y - centre) ** 2, 0) / observed.length) || 1;
  const values = observed.map(({ y }) => (y - centre) / spread);
  const noise = observed.map(({ variance }) => variance / spread ** 2 + jitter);
  const fits = lengths.map((length) => {
    const factor = cholesky(observed.map((a, i) => observed.map((b, j) => matern(distance(a.x, b.x), length) + (i === j ? noise[i] : 0))));
    const solved = forward(factor, values);
    const likelihood = -0.5 * solved.reduce((sum, value) => sum + value * value, 0) - factor.reduce((sum, row, i) => sum + Math.log(row[i]), 0);
    return { length, factor, solved, likelihood };
  });
  const { length, factor, solved } = fits.reduce((best, fit) => (fit.likelihood > best.likelihood ? fit : best));
  return (x) => {
    const projected = forward(factor, observed.map((other) => matern(distance(x, other.x), length)));
    const mean = projected.reduce((sum, value, i) => sum + value * solved[i], 0);
    const variance = 1 - projected.reduce((sum, value) => sum + value * value, 0);
    return { mean: centre + spread * mean, deviation: spread * Math.sqrt(Math.max(0, variance)) };
  };
}

function matern(r: number, length: number): number {
  const s = (Math.sqrt(5) * r) / length;
  return (1 + s + (s * s) / 3) * Math.exp(-s);
}

function distance(a: readonly number[], b: readonly number[]): number {
  let squares = 0;
  for (let i = 0; i < a.length; i++) squares += (a[i] - b[i]) ** 2;
  return Math.sqrt(squares);
}

/** Lower triangle L with L Lᵀ = matrix, which is symmetric and positive definite. */
function cholesky(matrix: readonly (readonly number[])[]): number[][] {
  const factor: number[][] = [];
  for (const [i, row] of matrix.entries()) {
    factor.push([]);
    for (let j = 0; j <= i; j++) {
      let rest = row[j];
      for (let k = 0; k < j; k++) rest -= factor[i][k] * factor[j][k];
      factor[i].push(i === j ? Math.sqrt(rest) : rest / factor[j][j]);
    }
  }
  return factor;
}

/** L⁻¹ b. */
function forward(factor: readonly (readonly number[])[], b: readonly number[]): number[] {
  const solution: number[] = [];
  for (const [i, row] of factor.entries()) {
    let rest = b[i];
    for (let k = 0; k < i; k++) rest -= row[k] * solution[k];
    solution.push(rest / row[i]);
  }
  return solution;
}
