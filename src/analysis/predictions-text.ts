import type { WeightsVersusPredictions } from './predictions';
import { weightsText } from './simplex';
import { number, signed } from './verdict-text';

/** In words: where soup and ensemble differ most in each reward, how far their policies are apart, and how that grows. */
export function predictionsText({ points, klExponent }: WeightsVersusPredictions): string {
  const rewards = Object.keys(points[0].gaps).map((reward) => {
    const most = points.reduce((largest, point) => (Math.abs(point.gaps[reward].estimate) > Math.abs(largest.gaps[reward].estimate) ? point : largest));
    const { estimate, ci } = most.gaps[reward];
    return `${reward} by ${signed(estimate)}${ci ? ` (interval ${signed(ci[0])} to ${signed(ci[1])})` : ''} at ${weightsText(most.weights)}`;
  });
  const furthest = points.reduce((largest, point) => (point.kl > largest.kl ? point : largest));
  const growth = klExponent === null ? '' : `; it grows as distance to the power ${number(klExponent)}, where 4 is the expansion's leading order`;
  return `Soups differ most from the ensemble of the same experts in ${rewards.join(', ')}. KL(soup ‖ ensemble) is at most ${number(furthest.kl)} nats a step, at ${weightsText(furthest.weights)}${growth}.`;
}
