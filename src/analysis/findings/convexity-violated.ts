import type { Evidence, Finding } from '../diagnosis';
import { signed } from '../verdict-text';
import { weightsText } from '../simplex';

/** Linear mode connectivity is violated for a reward: soups lose against the chord. */
export function convexityViolated({ lmc }: Evidence): Finding[] {
  return Object.entries(lmc?.rewards ?? {}).flatMap(([reward, { verdict, worst, points, regions }]): Finding[] => {
    if (verdict !== 'violated') return [];
    const { ci } = points.find(({ weights }) => weights === worst.weights)!;
    const interval = ci ? ` (interval ${signed(ci[0])} to ${signed(ci[1])})` : '';
    const below = Object.values(regions).reduce((sum, region) => sum + region.below, 0);
    const isInside = regions.edge?.below === 0;
    return [{
      kind: 'convexity-violated',
      severity: 'problem',
      evidence: `${reward} falls below the chord between the experts at ${below} of ${points.length} λ, worst ${signed(worst.margin)}${interval} at ${weightsText(worst.weights)}${isInside ? '; every line between two experts is fine, only more than two do not mix' : ''}`,
      advice: 'keep the experts nearer to their base (fewer steps, a lower learning rate, more KL, a smaller LoRA rank), see that all start from the same base, and look at the divergence of their weights',
    }];
  });
}
