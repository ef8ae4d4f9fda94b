import { dot, multiply, thinSvd, type Columns } from './svd';

/** One adapter's factors of a module: columns of B and rows of A, each [rank], and α/r. */
export interface Factors {
  readonly b: Columns;
  readonly a: Columns;
  readonly scale: number;
  /** λ of the adapter */
  readonly weight: number;
}

/**
 * ‖ΔW_factor − ΔW_delta‖ / ‖ΔW_delta‖ of a module, where ΔW_delta = Σ λᵢsᵢBᵢAᵢ is the exact blend and
 * ΔW_factor = s(Σ λᵢBᵢ)(Σ λᵢAᵢ) what averaging the factors gives (Ramé et al. 2023 do so). From Gram matrices of the
 * factors, Frobenius norms; neither update is formed. Below 1e-7 the digits are those of the rounding.
 * @returns null where ΔW_delta is zero, or ranks or scales differ, so that there is no ΔW_factor
 */
export function factorDifference(adapters: readonly Factors[]): number | null {
  const [{ scale, b: { length: rank } }] = adapters;
  if (adapters.some((other) => other.scale !== scale || other.b.length !== rank)) return null;
  const exact = adapters.map((own, i) => adapters.map((_, j) => (i === j ? own.weight * scale : 0)));
  const difference = adapters.map((left, i) => adapters.map((right, j) => scale * left.weight * right.weight - exact[i][j]));
  const [gramB, gramA] = [gramOf(adapters.flatMap(({ b }) => b)), gramOf(adapters.flatMap(({ a }) => a))];
  const norm = Math.sqrt(squaredNorm(exact, gramB, gramA, rank));
  return norm > 0 ? Math.sqrt(squaredNorm(difference, gramB, gramA, rank)) / norm : null;
}

function gramOf(vectors: Columns): Float64Array[] {
  const gram = vectors.map(() => new Float64Array(vectors.length));
  for (const [i, x] of vectors.entries()) for (let j = 0; j <= i; j++) gram[i][j] = gram[j][i] = dot(x, vectors[j]);
  return gram;
}

/** ‖B(C ⊗ I)A‖² = Σ (G_B(C ⊗ I)) ∘ ((C ⊗ I)G_A), for C [adapters][adapters] acting on blocks of `rank`. */
function squaredNorm(c: readonly (readonly number[])[], gramB: readonly Float64Array[], gramA: readonly Float64Array[], rank: number): number {
  let sum = 0;
  const count = c.length;
  for (let p = 0; p < count * rank; p++) {
    for (let q = 0; q < count * rank; q++) {
      const [blockP, blockQ] = [Math.floor(p / rank), Math.floor(q / rank)];
      let [left, right] = [0, 0];
      for (let i = 0; i < count; i++) {
        left += gramB[p][i * rank + (q % rank)] * c[i][blockQ];
        right += c[blockP][i] * gramA[i * rank + (p % rank)][q];
      }
      sum += left * right;
    }
  }
  return Math.max(0, sum);
}

/** An update of lower rank: B·A with scale 1, and what was lost of it. */
export interface TruncatedUpdate {
  /** [out, rank] by columns */
  readonly b: Columns;
  /** [rank, in] by rows */
  readonly a: Columns;
  /** ‖ΔW − BA‖ / ‖ΔW‖, Frobenius; 0 for an update of zeros */
  readonly relativeError: number;
}

/**
 * The best approximation of Σ λᵢsᵢBᵢAᵢ of a rank (Eckart and Young 1936), its singular values shared evenly between B
 * and A. From the factors: with Aᵀ = UσVᵀ and BVσ = PτQᵀ, the update is Pτ(UQ)ᵀ.
 */
export function truncateUpdate(adapters: readonly Factors[], rank: number): TruncatedUpdate {
  const weighted = adapters.flatMap(({ b, scale, weight }) => b.map((column) => column.map((value) => weight * scale * value)));
  const right = thinSvd(adapters.flatMap(({ a }) => a));
  const left = thinSvd(multiply(weighted, right.v.map((column, i) => column.map((value) => value * right.values[i]))));
  const total = dot(left.values, left.values);
  const lost = left.values.slice(rank);
  const kept = [...left.values.slice(0, rank)].map(Math.sqrt);
  return {
    b: kept.map((root, i) => left.u[i].map((value) => value * root)),
    a: multiply(right.u, left.v.slice(0, rank)).map((row, i) => row.map((value) => value * kept[i])),
    relativeError: total > 0 ? Math.sqrt(dot(lost, lost) / total) : 0,
  };
}
