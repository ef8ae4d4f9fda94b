// AssemblyScript (not TypeScript): matrix products, packed and in tiles.
import { at, multiplyAdd } from './vectors.as';

const floatBytes: usize = 4;
/** Rows and columns of C that one call of the inner kernel computes: 8 vector accumulators, as many as stay in registers. */
const tileRows: i32 = 4;
const tileColumns: i32 = 8;

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
