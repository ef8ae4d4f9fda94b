// AssemblyScript (not TypeScript): GELU and gated SiLU.
import { exponential, hyperbolicTangent } from './exponential.as';
import { at } from './vectors.as';

@inline
function geluArgument(x: v128): v128 {
  return f32x4.mul(f32x4.splat(0.7978845608), f32x4.add(x, f32x4.mul(f32x4.splat(0.044715), f32x4.mul(x, f32x4.mul(x, x)))));
}

/** ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))). */
@inline
function geluOf(x: v128): v128 {
  return f32x4.mul(f32x4.mul(f32x4.splat(0.5), x), f32x4.add(f32x4.splat(1), hyperbolicTangent(geluArgument(x))));
}

@inline
function geluSlope(x: v128): v128 {
  const one = f32x4.splat(1);
  const t = hyperbolicTangent(geluArgument(x));
  const inner = f32x4.mul(f32x4.splat(0.7978845608), f32x4.add(one, f32x4.mul(f32x4.splat(0.134145), f32x4.mul(x, x))));
  return f32x4.mul(f32x4.splat(0.5), f32x4.add(f32x4.add(one, t), f32x4.mul(f32x4.mul(x, f32x4.sub(one, f32x4.mul(t, t))), inner)));
}

/** y = gelu x, tanh approximation. */
export function gelu(x: usize, y: usize, count: i32): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) v128.store(at(y, i), geluOf(v128.load(at(x, i))));
  for (; i < count; i++) v128.store_lane<f32>(at(y, i), geluOf(v128.load_zero<f32>(at(x, i))), 0);
}

export function geluGradient(x: usize, dy: usize, dx: usize, count: i32): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) v128.store(at(dx, i), f32x4.mul(v128.load(at(dy, i)), geluSlope(v128.load(at(x, i)))));
  for (; i < count; i++) v128.store_lane<f32>(at(dx, i), f32x4.mul(v128.load_zero<f32>(at(dy, i)), geluSlope(v128.load_zero<f32>(at(x, i)))), 0);
}

@inline
function sigmoidOf(x: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(one, f32x4.add(one, exponential(f32x4.neg(x))));
}

/** y = silu(gate) · up, silu(x) = x / (1 + e⁻ˣ). */
export function gatedSilu(gate: usize, up: usize, y: usize, count: i32): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const x = v128.load(at(gate, i));
    v128.store(at(y, i), f32x4.mul(f32x4.mul(x, sigmoidOf(x)), v128.load(at(up, i))));
  }
  for (; i < count; i++) {
    const x = v128.load_zero<f32>(at(gate, i));
    v128.store_lane<f32>(at(y, i), f32x4.mul(f32x4.mul(x, sigmoidOf(x)), v128.load_zero<f32>(at(up, i))), 0);
  }
}

/** dgate = dy · up · σ(g)(1 + g (1 − σ(g))), dup = dy · silu(g). */
export function gatedSiluGradient(gate: usize, up: usize, dy: usize, dGate: usize, dUp: usize, count: i32): void {
  const one = f32x4.splat(1);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const x = v128.load(at(gate, i)), d = v128.load(at(dy, i)), s = sigmoidOf(x);
    v128.store(at(dUp, i), f32x4.mul(d, f32x4.mul(x, s)));
    v128.store(at(dGate, i), f32x4.mul(f32x4.mul(d, v128.load(at(up, i))), f32x4.mul(s, f32x4.add(one, f32x4.mul(x, f32x4.sub(one, s))))));
  }
  for (; i < count; i++) {
    const x = v128.load_zero<f32>(at(gate, i)), d = v128.load_zero<f32>(at(dy, i)), s = sigmoidOf(x);
    v128.store_lane<f32>(at(dUp, i), f32x4.mul(d, f32x4.mul(x, s)), 0);
    v128.store_lane<f32>(at(dGate, i), f32x4.mul(f32x4.mul(d, v128.load_zero<f32>(at(up, i))), f32x4.mul(s, f32x4.add(one, f32x4.mul(x, f32x4.sub(one, s))))), 0);
  }
}
