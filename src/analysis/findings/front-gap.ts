import type { Evidence, Finding } from '../diagnosis';
import { additiveEpsilon } from '../indicators';
import { simplexTolerance, weightsText } from '../simplex';
import { number } from '../verdict-text';
import { scaledFront } from './scaled-front';

/** A jump between neighbouring λ of more than this share of the front's range, and so many times as steep as usual, is a gap. */
const gapShare = 0.25;
const gapFactor = 3;
/** λ further apart than this say nothing of what lies between them. */
const farApart = 0.26;
/** A MORL run that no soup comes nearer to than this share of the range shows what λ cannot reach. */
const beyondShare = 0.1;

/** Parts of the front that no λ reaches: a jump between neighbouring λ, or a MORL run beyond every soup. */
export function frontGap({ points, front }: Evidence): Finding[] {
  const soups = points.filter(({ kind, weights }) => (kind === 'soup' || kind === 'expert') && weights !== null);
  const scaled = scaledFront(points, Object.keys(front.reference));
  const experts = [...new Set(soups.flatMap(({ weights }) => Object.keys(weights!)))];
  const findings: Finding[] = [];
  if (experts.length === 2 && soups.length > 3) {
    const line = [...soups].sort((a, b) => a.weights![experts[1]] - b.weights![experts[1]]);
    const jumps = line.slice(1).map((point, index) => ({ from: line[index], to: point, size: Math.hypot(...scaled(point).map((value, axis) => value - scaled(line[index])[axis])), step: point.weights![experts[1]] - line[index].weights![experts[1]] })).filter(({ step }) => step > simplexTolerance && step < farApart);
    // λ may be unevenly spaced, as those of a search are: the rewards of two may differ as much as they are apart
    const steepness = ({ size, step }: { readonly size: number; readonly step: number }) => size / step;
    const usual = jumps.map(steepness).sort((a, b) => a - b)[jumps.length >> 1];
    const largest = jumps.filter(({ size }) => size > gapShare).reduce<(typeof jumps)[number] | null>((most, jump) => (most && steepness(most) >= steepness(jump) ? most : jump), null);
    if (largest && steepness(largest) > gapFactor * usual) {
      findings.push({ kind: 'front-misspecified', severity: 'warning', evidence: `the front has a gap: between ${weightsText(largest.from.weights!)} and ${weightsText(largest.to.weights!)} the rewards jump by ${number(largest.size)} of their range, ${usual > 0 ? `${number(steepness(largest) / usual)} times as steep as usual` : 'and elsewhere not at all'}`, advice: 'evaluate λ in between; if the jump stays, the experts lie in different modes there, and only a run trained on that trade-off fills it' });
    }
  }
  const beyond = points.filter(({ kind }) => kind === 'morl').map((run) => ({ run, short: soups.length === 0 ? 0 : additiveEpsilon(soups.map(scaled), [scaled(run)]) })).filter(({ short }) => short > beyondShare);
  if (beyond.length > 0) {
    const worst = beyond.reduce((most, one) => (one.short > most.short ? one : most));
    findings.push({ kind: 'front-misspecified', severity: 'warning', evidence: `${beyond.length} MORL run${beyond.length === 1 ? ' lies' : 's lie'} beyond every soup: ${worst.run.name} by ${number(worst.short)} of the range of the rewards`, advice: 'add that run as an expert, so that λ can reach there' });
  }
  return findings;
}
