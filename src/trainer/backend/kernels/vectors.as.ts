// AssemblyScript (not TypeScript): addresses, and vectors of floats.

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

@inline
export function sumLanes(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}

@inline
export function valueAt(address: usize, index: i32): f32 {
  return load<f32>(at(address, index));
}

/** Σ x[i] y[i]. */
export function dot(x: usize, y: usize, count: i32): f32 {
  let sum0 = f32x4.splat(0), sum1 = sum0;
  let i = 0;
  for (; i + 8 <= count; i += 8) {
    sum0 = f32x4.add(sum0, f32x4.mul(v128.load(at(x, i)), v128.load(at(y, i))));
    sum1 = f32x4.add(sum1, f32x4.mul(v128.load(at(x, i), 16), v128.load(at(y, i), 16)));
  }
  let total = sumLanes(f32x4.add(sum0, sum1));
  for (; i < count; i++) total += valueAt(x, i) * valueAt(y, i);
  return total;
}

/** y[i] += factor · x[i]. */
export function addScaled(x: usize, factor: f32, y: usize, count: i32): void {
  const vector = f32x4.splat(factor);
  let i = 0;
  for (; i + 4 <= count; i += 4) v128.store(at(y, i), f32x4.add(v128.load(at(y, i)), f32x4.mul(v128.load(at(x, i)), vector)));
  for (; i < count; i++) store<f32>(at(y, i), valueAt(y, i) + factor * valueAt(x, i));
}
