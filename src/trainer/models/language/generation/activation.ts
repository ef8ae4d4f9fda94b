import type { KernelExports } from '../../../backend/wasm/kernel-module';
import type { Activation } from '../../../../architecture/architecture';
import type { Arena } from './arena';

const scalars: Readonly<Record<Activation, (x: number) => number>> = {
  'gelu-tanh': (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  gelu: (x) => 0.5 * x * (1 + erf(x * Math.SQRT1_2)),
  silu: (x) => x / (1 + Math.exp(-x)),
  relu: (x) => Math.max(0, x),
};

/** x ← activation(x), or activation(gate) · x; the common ones by kernel. */
export function activateInPlace(kernels: KernelExports, arena: Arena, kind: Activation, x: number, gate: number | null, count: number): void {
  if (gate === null && kind === 'gelu-tanh') kernels.gelu(x, x, count);
  else if (gate !== null && kind === 'silu') kernels.gatedSilu(gate, x, x, count);
  else {
    const values = arena.view(x, count);
    const source = arena.view(gate ?? x, count);
    const activation = scalars[kind];
    for (let i = 0; i < count; i++) values[i] = gate === null ? activation(source[i]!) : activation(source[i]!) * values[i]!;
  }
}

/** Error function to 1.2e-7 (Numerical Recipes' erfc of Chebyshev fit). */
function erf(x: number): number {
  const t = 1 / (1 + 0.5 * Math.abs(x));
  const polynomial = [0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368, -1.26551223];
  const complement = t * Math.exp(-x * x + polynomial.reduce((sum, coefficient) => sum * t + coefficient, 0));
  return x >= 0 ? 1 - complement : complement - 1;
}
