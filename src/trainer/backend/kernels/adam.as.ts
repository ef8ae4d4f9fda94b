// AssemblyScript (not TypeScript): Adam's step.
import { at } from './vectors.as';

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
