// AssemblyScript (not TypeScript): float32 SIMD kernels for training, on the linear memory of tfjs's wasm backend.
//
// The module imports that memory and must neither allocate nor own a data segment: both would overwrite tfjs's heap.
// Callers pass byte addresses of buffers that tfjs allocated. Sizes and strides are counted in floats. No kernel reads
// or writes past its buffers, so no padding is asked for.


const floatBytes: usize = 4;
/** Rows and columns of C that one call of the inner kernel computes: 8 vector accumulators, as many as stay in registers. */
const tileRows: i32 = 4;
const tileColumns: i32 = 8;

@inline
export function at(address: usize, index: i32): usize {
  return address + (<usize>index << 2);
}

/** a · b + c: with one rounding where the processor and the build have it (relaxed SIMD), else with two. */
@inline
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

// ---- matrix product -------------------------------------------------------------------------------------------------

/**
 * Writes the transpose of four rows of four floats: source rows are `stride` bytes apart, destination rows too.
 */
@inline
function transpose4x4(source: usize, sourceStride: usize, destination: usize, destinationStride: usize): void {
  const row0 = v128.load(source), row1 = v128.load(source + sourceStride);
  const row2 = v128.load(source + 2 * sourceStride), row3 = v128.load(source + 3 * sourceStride);
  const low01 = i32x4.shuffle(row0, row1, 0, 4, 1, 5), low23 = i32x4.shuffle(row2, row3, 0, 4, 1, 5);
  const high01 = i32x4.shuffle(row0, row1, 2, 6, 3, 7), high23 = i32x4.shuffle(row2, row3, 2, 6, 3, 7);
  v128.store(destination, i64x2.shuffle(low01, low23, 0, 2));
  v128.store(destination + destinationStride, i64x2.shuffle(low01, low23, 1, 3));
  v128.store(destination + 2 * destinationStride, i64x2.shuffle(high01, high23, 0, 2));
  v128.store(destination + 3 * destinationStride, i64x2.shuffle(high01, high23, 1, 3));
}

/**
 * Packs B [depth, columns] into panels of eight columns, each [depth, 8] and contiguous; the last one is zero padded.
 * Element (k, j) of B lies `k * rowStride + j * columnStride` floats in, so a transposed B costs nothing more later.
 */
function packB(b: usize, rowStride: i32, columnStride: i32, depth: i32, columns: i32, packed: usize): void {
  for (let j = 0; j < columns; j += tileColumns) {
    const width = min(tileColumns, columns - j);
    if (width == tileColumns && columnStride == 1) packed = packRowsOfEight(at(b, j), <usize>rowStride << 2, depth, packed);
    else if (width == tileColumns && rowStride == 1) packed = packColumnsOfEight(at(b, j * columnStride), <usize>columnStride << 2, depth, packed);
    else packed = packPartialPanel(at(b, j * columnStride), rowStride, columnStride, depth, width, tileColumns, packed);
  }
}

/** A panel whose eight columns lie side by side in memory. */
function packRowsOfEight(source: usize, rowBytes: usize, depth: i32, packed: usize): usize {
  for (let k = 0; k < depth; k++) {
    v128.store(packed, v128.load(source));
    v128.store(packed, v128.load(source, 16), 16);
    packed += 32;
    source += rowBytes;
  }
  return packed;
}

/** A panel whose columns are contiguous down their length: transposed four by four. */
function packColumnsOfEight(source: usize, columnBytes: usize, depth: i32, packed: usize): usize {
  let k = 0;
  for (; k + 4 <= depth; k += 4) {
    transpose4x4(source, columnBytes, packed, 32);
    transpose4x4(source + 4 * columnBytes, columnBytes, packed + 16, 32);
    packed += 128;
    source += 16;
  }
  for (; k < depth; k++) {
    for (let column: usize = 0; column < 8; column++) store<f32>(packed + column * floatBytes, load<f32>(source + column * columnBytes));
    packed += 32;
    source += floatBytes;
  }
  return packed;
}

/** Any strides, `present` of `width` lanes; the missing lanes become zero, which adds nothing to the products. */
function packPartialPanel(source: usize, depthStride: i32, laneStride: i32, depth: i32, present: i32, width: i32, packed: usize): usize {
  for (let k = 0; k < depth; k++) {
    for (let lane = 0; lane < width; lane++) store<f32>(at(packed, lane), lane < present ? load<f32>(at(source, k * depthStride + lane * laneStride)) : 0);
    packed += <usize>width << 2;
  }
  return packed;
}

/** Packs up to four rows of A into one panel [depth, 4], zero padded. */
function packA(a: usize, rowStride: i32, columnStride: i32, depth: i32, rows: i32, packed: usize): void {
  if (rows < tileRows || (rowStride != 1 && columnStride != 1)) {
    packPartialPanel(a, columnStride, rowStride, depth, rows, tileRows, packed);
    return;
  }
  if (rowStride == 1) {
    const columnBytes = <usize>columnStride << 2;
    for (let k = 0; k < depth; k++) {
      v128.store(packed, v128.load(a));
      packed += 16;
      a += columnBytes;
    }
    return;
  }
  const rowBytes = <usize>rowStride << 2;
  let k = 0;
  for (; k + 4 <= depth; k += 4) {
    transpose4x4(a, rowBytes, packed, 16);
    packed += 64;
    a += 16;
  }
  for (; k < depth; k++) {
    for (let row: usize = 0; row < 4; row++) store<f32>(packed + row * floatBytes, load<f32>(a + row * rowBytes));
    packed += 16;
    a += floatBytes;
  }
}

/**
 * The inner kernel: a 4 × 8 tile of C from one packed panel of A and one of B, all of it in registers.
 * With `accumulate` the tile is added to what C holds. `rowBytes` is the distance between C's rows.
 */
function multiplyTile(panelA: usize, panelB: usize, depth: i32, c: usize, rowBytes: usize, accumulate: bool): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  const row1 = c + rowBytes, row2 = row1 + rowBytes, row3 = row2 + rowBytes;
  if (accumulate) {
    c00 = v128.load(c); c01 = v128.load(c, 16);
    c10 = v128.load(row1); c11 = v128.load(row1, 16);
    c20 = v128.load(row2); c21 = v128.load(row2, 16);
    c30 = v128.load(row3); c31 = v128.load(row3, 16);
  }
  for (let k = 0; k < depth; k++) {
    const b0 = v128.load(panelB), b1 = v128.load(panelB, 16);
    let a = v128.load_splat<f32>(panelA);
    c00 = multiplyAdd(a, b0, c00); c01 = multiplyAdd(a, b1, c01);
    a = v128.load_splat<f32>(panelA, 4);
    c10 = multiplyAdd(a, b0, c10); c11 = multiplyAdd(a, b1, c11);
    a = v128.load_splat<f32>(panelA, 8);
    c20 = multiplyAdd(a, b0, c20); c21 = multiplyAdd(a, b1, c21);
    a = v128.load_splat<f32>(panelA, 12);
    c30 = multiplyAdd(a, b0, c30); c31 = multiplyAdd(a, b1, c31);
    panelA += 16;
    panelB += 32;
  }
  v128.store(c, c00); v128.store(c, c01, 16);
  v128.store(row1, c10); v128.store(row1, c11, 16);
  v128.store(row2, c20); v128.store(row2, c21, 16);
  v128.store(row3, c30); v128.store(row3, c31, 16);
}

/** Copies the part of a 4 × 8 tile that lies inside C. */
function storeEdge(tile: usize, c: usize, rowBytes: usize, rows: i32, columns: i32, accumulate: bool): void {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = load<f32>(at(tile, row * tileColumns + column));
      const address = at(c + <usize>row * rowBytes, column);
      store<f32>(address, accumulate ? load<f32>(address) + value : value);
    }
  }
}

/**
 * Floats of scratch memory that `gemm` needs: a panel of A, one tile, and `depthBlock` rows of packed B.
 */
export function gemmScratchFloats(columns: i32, depthBlock: i32): i32 {
  return depthBlock * tileRows + tileRows * tileColumns + depthBlock * ((columns + tileColumns - 1) / tileColumns) * tileColumns;
}

/**
 * C = A · B with A [rows, depth], B [depth, columns], C [rows, columns]; depth ≥ 1. `rowStrideC` floats lie between C's
 * rows; with `accumulate` the product is added to what C holds. A transposed operand is the same memory with its two
 * strides swapped. The product runs over blocks of `depthBlock`, so that a panel of B stays in the first-level cache.
 */
export function gemm(
  a: usize, rowStrideA: i32, columnStrideA: i32,
  b: usize, rowStrideB: i32, columnStrideB: i32,
  c: usize, rowStrideC: i32, rows: i32, columns: i32, depth: i32,
  scratch: usize, depthBlock: i32, accumulate: bool,
): void {
  const packedB = at(scratch, depthBlock * tileRows + tileRows * tileColumns);
  for (let k = 0; k < depth; k += depthBlock) {
    const block = min(depthBlock, depth - k);
    packB(at(b, k * rowStrideB), rowStrideB, columnStrideB, block, columns, packedB);
    multiplyBlock(at(a, k * columnStrideA), rowStrideA, columnStrideA, packedB, c, rowStrideC, rows, columns, block, scratch, depthBlock, accumulate || k > 0);
  }
}

/** C (+)= A · B for one packed block of B; the scratch memory holds a panel of A and one tile. */
function multiplyBlock(
  a: usize, rowStrideA: i32, columnStrideA: i32, panelB: usize,
  c: usize, rowStrideC: i32, rows: i32, columns: i32, block: i32,
  panelA: usize, depthBlock: i32, accumulate: bool,
): void {
  const tile = at(panelA, depthBlock * tileRows);
  const rowBytes = <usize>rowStrideC << 2;
  for (let i = 0; i < rows; i += tileRows) {
    const height = min(tileRows, rows - i);
    packA(at(a, i * rowStrideA), rowStrideA, columnStrideA, block, height, panelA);
    let panel = panelB;
    for (let j = 0; j < columns; j += tileColumns) {
      const width = min(tileColumns, columns - j);
      const target = at(c + <usize>i * rowBytes, j);
      if (height == tileRows && width == tileColumns) multiplyTile(panelA, panel, block, target, rowBytes, accumulate);
      else {
        multiplyTile(panelA, panel, block, tile, <usize>tileColumns << 2, false);
        storeEdge(tile, target, rowBytes, height, width, accumulate);
      }
      panel += <usize>(block * tileColumns) << 2;
    }
  }
}

/** Floats that `packMatrix` writes for B [depth, columns]. */
export function packedFloats(depth: i32, columns: i32): i32 {
  return depth * ((columns + tileColumns - 1) / tileColumns) * tileColumns;
}

/** Packs all of B [depth, columns] once, for many products with `gemmPacked`. */
export function packMatrix(b: usize, rowStrideB: i32, columnStrideB: i32, depth: i32, columns: i32, depthBlock: i32, packed: usize): void {
  for (let k = 0; k < depth; k += depthBlock) {
    const block = min(depthBlock, depth - k);
    packB(at(b, k * rowStrideB), rowStrideB, columnStrideB, block, columns, packed);
    packed += <usize>packedFloats(block, columns) << 2;
  }
}

/** C = A · B, with A [rows, depth] and C [rows, columns] contiguous and B as `packMatrix` left it. */
export function gemmPacked(a: usize, packed: usize, c: usize, rows: i32, columns: i32, depth: i32, scratch: usize, depthBlock: i32): void {
  for (let k = 0; k < depth; k += depthBlock) {
    const block = min(depthBlock, depth - k);
    multiplyBlock(at(a, k), depth, 1, packed, c, columns, rows, columns, block, scratch, depthBlock, k > 0);
    packed += <usize>packedFloats(block, columns) << 2;
  }
}

// ---- elementwise ----------------------------------------------------------------------------------------------------

/**
 * eˣ to about 1 ulp: x = n ln 2 + r, then a polynomial in r (Cephes expf) times 2ⁿ. 2ⁿ is applied in two halves so that
 * overflow gives infinity and underflow fades through the subnormals to zero; NaN stays NaN.
 */
@inline
export function exponential(value: v128): v128 {
  const x = f32x4.max(f32x4.min(value, f32x4.splat(89.0)), f32x4.splat(-104.0));
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504)));
  // ln 2 in two parts, the first with few bits: n times it is exact
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.12194440e-4)));
  let p = f32x4.splat(1.9875691500e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  p = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(p, r), r), r), f32x4.splat(1));
  const exponent = i32x4.trunc_sat_f32x4_s(n);
  const half = i32x4.shr_s(exponent, 1);
  return f32x4.mul(f32x4.mul(p, powerOfTwo(half)), powerOfTwo(i32x4.sub(exponent, half)));
}

@inline
function powerOfTwo(exponent: v128): v128 {
  return i32x4.shl(i32x4.add(exponent, i32x4.splat(127)), 23);
}

/**
 * tanh x as a ratio of polynomials, x·P(x²)/Q(x²) (Eigen's `generic_fast_tanh_float`, as in TensorFlow), within 4.2e-7:
 * half the work of an exponential and its division. Beyond ±7.905 tanh is 1 to within a rounding, and below 4e-4 it is x.
 */
@inline
export function hyperbolicTangent(value: v128): v128 {
  const x = f32x4.max(f32x4.min(value, f32x4.splat(7.90531110763549805)), f32x4.splat(-7.90531110763549805));
  const square = f32x4.mul(x, x);
  let p = f32x4.splat(-2.76076847742355e-16);
  p = f32x4.add(f32x4.mul(p, square), f32x4.splat(2.00018790482477e-13));
  p = f32x4.add(f32x4.mul(p, square), f32x4.splat(-8.60467152213735e-11));
  p = f32x4.add(f32x4.mul(p, square), f32x4.splat(5.12229709037114e-8));
  p = f32x4.add(f32x4.mul(p, square), f32x4.splat(1.48572235717979e-5));
  p = f32x4.add(f32x4.mul(p, square), f32x4.splat(6.37261928875436e-4));
  p = f32x4.add(f32x4.mul(p, square), f32x4.splat(4.89352455891786e-3));
  let q = f32x4.splat(1.19825839466702e-6);
  q = f32x4.add(f32x4.mul(q, square), f32x4.splat(1.18534705686654e-4));
  q = f32x4.add(f32x4.mul(q, square), f32x4.splat(2.26843463243900e-3));
  q = f32x4.add(f32x4.mul(q, square), f32x4.splat(4.89352518554385e-3));
  const ratio = f32x4.div(f32x4.mul(x, p), q);
  return v128.bitselect(value, ratio, f32x4.lt(f32x4.abs(value), f32x4.splat(0.0004)));
}

/** y[i] = tanh x[i], i < count. */
export function tanh(x: usize, y: usize, count: i32): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) v128.store(at(y, i), hyperbolicTangent(v128.load(at(x, i))));
  for (; i < count; i++) v128.store_lane<f32>(at(y, i), hyperbolicTangent(v128.load_zero<f32>(at(x, i))), 0);
}

/** y[i] = exp x[i], i < count. */
export function exp(x: usize, y: usize, count: i32): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) v128.store(at(y, i), exponential(v128.load(at(x, i))));
  for (; i < count; i++) v128.store_lane<f32>(at(y, i), exponential(v128.load_zero<f32>(at(x, i))), 0);
}

// ---- reductions -----------------------------------------------------------------------------------------------------

/** Rows that are summed before their sum joins the total. */
const sumBlock: i32 = 64;

/** y[c] = Σ_r x[r, c]: x [rows, columns] summed over its leading axis. */
export function sumRows(x: usize, y: usize, rows: i32, columns: i32): void {
  const rowBytes = <usize>columns << 2;
  let c = 0;
  for (; c + 8 <= columns; c += 8) sumEightColumns(at(x, c), rowBytes, at(y, c), rows);
  for (; c < columns; c++) {
    let total: f64 = 0;
    for (let r = 0; r < rows; r++) total += <f64>load<f32>(at(x, c) + <usize>r * rowBytes);
    store<f32>(at(y, c), <f32>total);
  }
}

/**
 * Blocks of rows, whose sums join the total by compensated addition (Kahan 1965): what a float32 total loses is carried
 * over to the next block, so that columns of any length keep their digits.
 */
function sumEightColumns(x: usize, rowBytes: usize, y: usize, rows: i32): void {
  let total0 = f32x4.splat(0), total1 = total0, lost0 = total0, lost1 = total0;
  for (let start = 0; start < rows; start += sumBlock) {
    let sum0 = f32x4.splat(0), sum1 = sum0;
    const end = min(start + sumBlock, rows);
    for (let r = start; r < end; r++) {
      sum0 = f32x4.add(sum0, v128.load(x));
      sum1 = f32x4.add(sum1, v128.load(x, 16));
      x += rowBytes;
    }
    sum0 = f32x4.sub(sum0, lost0);
    sum1 = f32x4.sub(sum1, lost1);
    const next0 = f32x4.add(total0, sum0), next1 = f32x4.add(total1, sum1);
    lost0 = f32x4.sub(f32x4.sub(next0, total0), sum0);
    lost1 = f32x4.sub(f32x4.sub(next1, total1), sum1);
    total0 = next0;
    total1 = next1;
  }
  v128.store(y, total0);
  v128.store(y, total1, 16);
}

/** y[r] = Σ_c x[r, c]: x [rows, columns] summed over its last axis, in float64. */
export function sumColumns(x: usize, y: usize, rows: i32, columns: i32): void {
  for (let r = 0; r < rows; r++) {
    store<f32>(at(y, r), <f32>sumOf(x, columns));
    x += <usize>columns << 2;
  }
}

function sumOf(x: usize, count: i32): f64 {
  let even = f64x2.splat(0), odd = even;
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const values = v128.load(at(x, i));
    even = f64x2.add(even, f64x2.promote_low_f32x4(values));
    odd = f64x2.add(odd, f64x2.promote_low_f32x4(i64x2.shuffle(values, values, 1, 0)));
  }
  even = f64x2.add(even, odd);
  let total = f64x2.extract_lane(even, 0) + f64x2.extract_lane(even, 1);
  for (; i < count; i++) total += <f64>load<f32>(at(x, i));
  return total;
}

/** Σ x², in float64: for the norm of the gradients. */
export function squareSum(x: usize, count: i32): f64 {
  let low = f64x2.splat(0), high = low;
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const values = v128.load(at(x, i));
    const first = f64x2.promote_low_f32x4(values);
    const second = f64x2.promote_low_f32x4(i64x2.shuffle(values, values, 1, 0));
    low = f64x2.add(low, f64x2.mul(first, first));
    high = f64x2.add(high, f64x2.mul(second, second));
  }
  low = f64x2.add(low, high);
  let total = f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1);
  for (; i < count; i++) {
    const value = <f64>load<f32>(at(x, i));
    total += value * value;
  }
  return total;
}

// ---- Adam -----------------------------------------------------------------------------------------------------------

/**
 * One Adam step of one parameter (Kingma & Ba 2015, algorithm 1), out of place: the old arrays may be shared by clones.
 *   m' = β₁ m + (1 − β₁) s g      v' = β₂ v + (1 − β₂) (s g)²      θ' = θ − α (m' / c₁) / (√(v' / c₂) + ε)
 * with s = gradientScale and cᵢ the bias corrections. 1 − β comes from the caller, who has it in float64: in float32,
 * 1 − 0.999 is already off by 1e-5.
 */
export function adam(
  parameter: usize, gradient: usize, m: usize, v: usize,
  newParameter: usize, newM: usize, newV: usize, count: i32,
  learningRate: f32, beta1: f32, oneMinusBeta1: f32, beta2: f32, oneMinusBeta2: f32,
  epsilon: f32, biasCorrection1: f32, biasCorrection2: f32, gradientScale: f32,
): void {
  let i = 0;
  const vectorRate = f32x4.splat(learningRate), vectorEpsilon = f32x4.splat(epsilon), scale = f32x4.splat(gradientScale);
  const decay1 = f32x4.splat(beta1), fresh1 = f32x4.splat(oneMinusBeta1), correction1 = f32x4.splat(biasCorrection1);
  const decay2 = f32x4.splat(beta2), fresh2 = f32x4.splat(oneMinusBeta2), correction2 = f32x4.splat(biasCorrection2);
  for (; i + 4 <= count; i += 4) {
    const g = f32x4.mul(v128.load(at(gradient, i)), scale);
    const first = f32x4.add(f32x4.mul(v128.load(at(m, i)), decay1), f32x4.mul(g, fresh1));
    const second = f32x4.add(f32x4.mul(v128.load(at(v, i)), decay2), f32x4.mul(f32x4.mul(g, g), fresh2));
    v128.store(at(newM, i), first);
    v128.store(at(newV, i), second);
    const direction = f32x4.div(f32x4.div(first, correction1), f32x4.add(f32x4.sqrt(f32x4.div(second, correction2)), vectorEpsilon));
    v128.store(at(newParameter, i), f32x4.sub(v128.load(at(parameter, i)), f32x4.mul(direction, vectorRate)));
  }
  for (; i < count; i++) {
    const g = load<f32>(at(gradient, i)) * gradientScale;
    const first = load<f32>(at(m, i)) * beta1 + g * oneMinusBeta1;
    const second = load<f32>(at(v, i)) * beta2 + g * g * oneMinusBeta2;
    store<f32>(at(newM, i), first);
    store<f32>(at(newV, i), second);
    const direction: f32 = first / biasCorrection1 / (sqrt<f32>(second / biasCorrection2) + epsilon);
    store<f32>(at(newParameter, i), load<f32>(at(parameter, i)) - direction * learningRate);
  }
}
