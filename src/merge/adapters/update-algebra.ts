import { gramOf, type Gram } from '../kernels/gram';
import { dot, multiply, thinSvd, type Columns } from './svd';

/** One adapter's factors of a module: columns of B and rows of A, each [rank], and α/r. */
export interface Factors {
  readonly b: Columns;
  readonly a: Columns;
  readonly scale: number;
  /** λ of the adapter */
  readonly weight: number;
}

/** What the norms of a module's blends follow from, whatever the weights. */
export interface FactorProducts {
  /** [n] adapters */
  readonly ranks: readonly number[];
  /** α/r, [n] */
  readonly scales: readonly number[];
  /** ⟨BᵢAⱼ, BₖAₗ⟩ (Frobenius) at ((i·n + j)·n + k)·n + l, [n⁴]; 0 where ranks do not fit */
  readonly products: Float64Array;
}

/** From Gram matrices of the factors: ⟨BᵢAⱼ, BₖAₗ⟩ = Σ (BᵢᵀBₖ) ∘ (AⱼAₗᵀ); no update is formed. */
export function productsOf(adapters: readonly Omit<Factors, 'weight'>[]): FactorProducts {
  const n = adapters.length;
  const ranks = adapters.map(({ b }) => b.length);
  const first = ranks.map((_, i) => ranks.slice(0, i).reduce((sum, rank) => sum + rank, 0));
  const [gramB, gramA] = [gramOf(adapters.flatMap(({ b }) => b)), gramOf(adapters.flatMap(({ a }) => a))];
  const products = new Float64Array(n ** 4);
  for (let at = 0; at < products.length; at++) {
    const [i, j, k, l] = [Math.floor(at / n ** 3), Math.floor(at / n ** 2) % n, Math.floor(at / n) % n, at % n];
    if (ranks[i] === ranks[j] && ranks[k] === ranks[l]) products[at] = productOfParts(gramB, [first[i], first[k]], gramA, [first[j], first[l]], [ranks[i], ranks[k]]);
  }
  return { ranks, scales: adapters.map(({ scale }) => scale), products };
}

/** Σ over the elements of a part of one matrix times those of a part of another. */
function productOfParts(x: Gram, [xRow, xColumn]: readonly [number, number], y: Gram, [yRow, yColumn]: readonly [number, number], [rows, columns]: readonly [number, number]): number {
  let sum = 0;
  for (let p = 0; p < rows; p++) for (let q = 0; q < columns; q++) sum += x.values[(xRow + p) * x.count + xColumn + q] * y.values[(yRow + p) * y.count + yColumn + q];
  return sum;
}

/**
 * ‖ΔW_factor − ΔW_delta‖ / ‖ΔW_delta‖ of a module, where ΔW_delta = Σ λᵢsᵢBᵢAᵢ is the exact blend and
 * ΔW_factor = s(Σ λᵢBᵢ)(Σ λᵢAᵢ) what averaging the factors gives (Ramé et al. 2023 do so); Frobenius norms. Below 1e-7
 * the digits are those of the rounding.
 * @returns null where ΔW_delta is zero, or ranks or scales of adapters with a weight differ, so that there is no ΔW_factor
 */
export function differenceAt({ ranks, scales, products }: FactorProducts, weights: readonly number[]): number | null {
  const used = [...weights.keys()].filter((i) => weights[i] !== 0);
  if (used.some((i) => ranks[i] !== ranks[used[0]] || scales[i] !== scales[used[0]])) return null;
  const exact = weights.map((own, i) => weights.map((_, j) => (i === j ? own : 0)));
  const difference = weights.map((left, i) => weights.map((right, j) => left * right - exact[i][j]));
  const norm = normOf(exact, products);
  return norm > 0 ? normOf(difference, products) / norm : null;
}

/** ‖Σ cᵢⱼBᵢAⱼ‖ */
function normOf(c: readonly (readonly number[])[], products: Float64Array): number {
  const n = c.length;
  const flat = c.flat();
  let sum = 0;
  for (let p = 0; p < n * n; p++) for (let q = 0; q < n * n; q++) sum += flat[p] * flat[q] * products[p * n * n + q];
  return Math.sqrt(Math.max(0, sum));
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
