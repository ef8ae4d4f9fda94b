/**
 * `count` numbers that fill (−scale, scale) evenly and look unordered: fractional parts of multiples of irrational
 * steps (Weyl's sequence), so that both languages make the same ones without sharing a file.
 */
export function weyl(count: number, seed: number, scale: number): Float32Array {
  const step = (seed * Math.SQRT2) % 1;
  return Float32Array.from({ length: count }, (_, i) => (2 * (((i + 1) * (step + Math.LOG10E)) % 1) - 1) * scale);
}
