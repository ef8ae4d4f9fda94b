// AssemblyScript (not TypeScript): causal attention.
import { gemm, gemmScratchFloats } from './matrix-product.as';
import { exponentials, largest } from './softmax.as';
import { addScaled, at, dot, valueAt } from './vectors.as';

/** Rows of B that `gemm` packs at a time. */
const depthBlock: i32 = 256;

/** Floats of scratch memory that attention over `time` tokens needs. */
export function attentionScratchFloats(time: i32, headSize: i32): i32 {
  return time * time + gemmScratchFloats(max(time, headSize), depthBlock);
}

/** Softmax over the visible keys of each query: those up to its own position that the mask [time] lets through. */
function causalSoftmax(scores: usize, mask: usize, time: i32, scale: f32): void {
  for (let i = 0; i < time; i++) {
    const row = at(scores, i * time);
    let top: f32 = -Infinity;
    for (let j = 0; j <= i; j++) {
      const score: f32 = load<i32>(at(mask, j)) != 0 ? scale * valueAt(row, j) : -Infinity;
      store<f32>(at(row, j), score);
      top = max(top, score);
    }
    // a query of padding sees nothing
    if (top == -Infinity) memory.fill(row, 0, <usize>time << 2);
    else {
      const factor: f32 = 1 / exponentials(row, top, row, i + 1);
      for (let j = 0; j <= i; j++) store<f32>(at(row, j), valueAt(row, j) * factor);
      memory.fill(at(row, i + 1), 0, <usize>(time - i - 1) << 2);
    }
  }
}

/**
 * Causal attention of q [batch · time, heads · headSize] over k and v [batch · time, keyValueHeads · headSize]; mask int32
 * [batch, time]. Keeps the weights [batch, heads, time, time] for the gradient.
 */
export function attention(
  q: usize, k: usize, v: usize, mask: usize, y: usize, weights: usize,
  batch: i32, time: i32, heads: i32, keyValueHeads: i32, headSize: i32, scale: f32, scratch: usize,
): void {
  const width = heads * headSize, keyWidth = keyValueHeads * headSize, group = heads / keyValueHeads;
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      const query = at(q, b * time * width + h * headSize);
      const shared = b * time * keyWidth + (h / group) * headSize;
      gemm(query, width, 1, at(k, shared), 1, keyWidth, weights, time, time, time, headSize, scratch, depthBlock, false);
      causalSoftmax(weights, at(mask, b * time), time, scale);
      gemm(weights, time, 1, at(v, shared), keyWidth, 1, at(y, b * time * width + h * headSize), width, time, headSize, time, scratch, depthBlock, false);
      weights = at(weights, time * time);
    }
  }
}

/** dq, dk and dv of `attention`; dk and dv sum over the queries that share them. */
export function attentionGradient(
  q: usize, k: usize, v: usize, weights: usize, dy: usize, dq: usize, dk: usize, dv: usize,
  batch: i32, time: i32, heads: i32, keyValueHeads: i32, headSize: i32, scale: f32, scratch: usize,
): void {
  const width = heads * headSize, keyWidth = keyValueHeads * headSize, group = heads / keyValueHeads;
  const dScores = scratch, work = at(scratch, time * time);
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      const own = b * time * width + h * headSize, shared = b * time * keyWidth + (h / group) * headSize;
      const isFirst = h % group == 0;
      gemm(weights, 1, time, at(dy, own), width, 1, at(dv, shared), keyWidth, time, headSize, time, work, depthBlock, !isFirst);
      gemm(at(dy, own), width, 1, at(v, shared), 1, keyWidth, dScores, time, time, time, headSize, work, depthBlock, false);
      for (let i = 0; i < time; i++) softmaxRowGradient(at(weights, i * time), at(dScores, i * time), scale, i + 1, time);
      gemm(dScores, time, 1, at(k, shared), keyWidth, 1, at(dq, own), width, time, headSize, time, work, depthBlock, false);
      gemm(dScores, 1, time, at(q, own), width, 1, at(dk, shared), keyWidth, time, headSize, time, work, depthBlock, !isFirst);
      weights = at(weights, time * time);
    }
  }
}

/** d ← scale · p (d − Σ p d) over the first `seen` of `time` entries; the others become 0. */
function softmaxRowGradient(p: usize, d: usize, scale: f32, seen: i32, time: i32): void {
  const mean = dot(p, d, seen);
  const means = f32x4.splat(mean), scales = f32x4.splat(scale);
  let i = 0;
  for (; i + 4 <= seen; i += 4) v128.store(at(d, i), f32x4.mul(scales, f32x4.mul(v128.load(at(p, i)), f32x4.sub(v128.load(at(d, i)), means))));
  for (; i < seen; i++) store<f32>(at(d, i), scale * valueAt(p, i) * (valueAt(d, i) - mean));
  memory.fill(at(d, seen), 0, <usize>(time - seen) << 2);
}

/**
 * One query q [heads · headSize] over the first `length` rows of a cache, keys and values [length, keyValueHeads · headSize],
 * into y; `scores` has room for `length` floats.
 */
export function attendCache(q: usize, keys: usize, values: usize, y: usize, scores: usize, length: i32, heads: i32, keyValueHeads: i32, headSize: i32, scale: f32): void {
  const keyWidth = keyValueHeads * headSize, group = heads / keyValueHeads;
  for (let h = 0; h < heads; h++) {
    const query = at(q, h * headSize), target = at(y, h * headSize), shared = (h / group) * headSize;
    for (let j = 0; j < length; j++) store<f32>(at(scores, j), scale * dot(query, at(keys, j * keyWidth + shared), headSize));
    const factor: f32 = 1 / exponentials(scores, largest(scores, length), scores, length);
    memory.fill(target, 0, <usize>headSize << 2);
    for (let j = 0; j < length; j++) addScaled(at(values, j * keyWidth + shared), factor * valueAt(scores, j), target, headSize);
  }
}
