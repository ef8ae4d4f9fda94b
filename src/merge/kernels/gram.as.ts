// AssemblyScript (not TypeScript): dot products of every pair of vectors in float64.

/** Adds the products of four vectors with two to two columns of four rows of `sums`; the rows are `sumBytes` apart. */
@inline
function addTile(x: usize, y: usize, vectorBytes: usize, sums: usize, sumBytes: usize): void {
  let a0 = f64x2.splat(0), a1 = f64x2.splat(0), b0 = f64x2.splat(0), b1 = f64x2.splat(0);
  let c0 = f64x2.splat(0), c1 = f64x2.splat(0), d0 = f64x2.splat(0), d1 = f64x2.splat(0);
  const b = x + vectorBytes, c = b + vectorBytes, d = c + vectorBytes, second = y + vectorBytes;
  for (let at: usize = 0; at < vectorBytes; at += 16) {
    const y0 = v128.load(y + at), y1 = v128.load(second + at);
    const xa = v128.load(x + at), xb = v128.load(b + at), xc = v128.load(c + at), xd = v128.load(d + at);
    a0 = f64x2.add(a0, f64x2.mul(xa, y0));
    a1 = f64x2.add(a1, f64x2.mul(xa, y1));
    b0 = f64x2.add(b0, f64x2.mul(xb, y0));
    b1 = f64x2.add(b1, f64x2.mul(xb, y1));
    c0 = f64x2.add(c0, f64x2.mul(xc, y0));
    c1 = f64x2.add(c1, f64x2.mul(xc, y1));
    d0 = f64x2.add(d0, f64x2.mul(xd, y0));
    d1 = f64x2.add(d1, f64x2.mul(xd, y1));
  }
  addPair(sums, a0, a1);
  addPair(sums + sumBytes, b0, b1);
  addPair(sums + 2 * sumBytes, c0, c1);
  addPair(sums + 3 * sumBytes, d0, d1);
}

@inline
function addPair(at: usize, first: v128, second: v128): void {
  const both = f64x2.add(i64x2.shuffle(first, second, 0, 2), i64x2.shuffle(first, second, 1, 3));
  v128.store(at, f64x2.add(v128.load(at), both));
}

/**
 * Adds the dot products of `count` vectors, a multiple of four, of `length` float64 each, an even number, to `sums`,
 * [count, count]: those of every vector with itself and later ones; what is before is not to be read.
 */
export function addGram(vectors: usize, count: i32, length: i32, sums: usize): void {
  const vectorBytes = <usize>length << 3, sumBytes = <usize>count << 3;
  for (let i = 0; i < count; i += 4) {
    for (let j = i; j < count; j += 2) addTile(vectors + vectorBytes * i, vectors + vectorBytes * j, vectorBytes, sums + sumBytes * i + (<usize>j << 3), sumBytes);
  }
}
