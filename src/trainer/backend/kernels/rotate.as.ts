// AssemblyScript (not TypeScript): rotary positions.
import { at, valueAt } from './vectors.as';

/**
 * Turns the halves (a, b) of every head of x [rows, heads · 2 half] into (a cos − b sin, b cos + a sin), with cos and sin
 * [rows, half]; `direction` −1 turns back, which is the gradient. In place where y is x.
 */
export function rotate(x: usize, cos: usize, sin: usize, y: usize, rows: i32, heads: i32, half: i32, direction: f32): void {
  const turn = f32x4.splat(direction);
  for (let r = 0; r < rows; r++) {
    for (let h = 0; h < heads; h++) {
      const xb = at(x, half), yb = at(y, half);
      let i = 0;
      for (; i + 4 <= half; i += 4) {
        const a = v128.load(at(x, i)), b = v128.load(at(xb, i)), c = v128.load(at(cos, i)), s = f32x4.mul(turn, v128.load(at(sin, i)));
        v128.store(at(y, i), f32x4.sub(f32x4.mul(a, c), f32x4.mul(b, s)));
        v128.store(at(yb, i), f32x4.add(f32x4.mul(b, c), f32x4.mul(a, s)));
      }
      for (; i < half; i++) {
        const a = valueAt(x, i), b = valueAt(xb, i), c = valueAt(cos, i), s = direction * valueAt(sin, i);
        store<f32>(at(y, i), a * c - b * s);
        store<f32>(at(yb, i), b * c + a * s);
      }
      x = at(x, 2 * half);
      y = at(y, 2 * half);
    }
    cos = at(cos, half);
    sin = at(sin, half);
  }
}
