import type { Evidence, Finding } from '../diagnosis';
import { number } from '../verdict-text';

interface Distances {
  readonly norms: Readonly<Record<string, number>>;
  readonly relativeNorms: Readonly<Record<string, number>> | null;
  readonly pairs: readonly { readonly a: string; readonly b: string; readonly cosine: number | null; readonly signConflict: number | null }[];
}

/** Norms, cosines and sign conflicts of task vectors, as a whole and tensor by tensor (`compareCheckpoints` gives them). */
export interface WeightComparison extends Distances {
  readonly tensors: readonly (Distances & { readonly name: string })[];
}

/** A task vector longer than this share of the base has left its neighbourhood; one of random weights is at 1.4. */
const farFromBase = 1;
/** Directions that oppose each other; unrelated ones have cosine 0 and half of their signs opposite. */
const opposing = -0.1;
/** The longest task vector over the shortest: beyond, it rules every blend. */
const lopsided = 3;
const shownTensors = 3;

/** Experts that went far from the base, against each other, or one much further than the rest. */
export function divergence({ weights }: Evidence): Finding[] {
  return weights ? [...farExperts(weights), ...opposedPairs(weights), ...unevenNorms(weights)] : [];
}

function farExperts({ relativeNorms, tensors }: WeightComparison): Finding[] {
  return Object.entries(relativeNorms ?? {}).filter(([, norm]) => norm > farFromBase).map(([name, norm]) => {
    const layers = topTensors(tensors, (tensor) => tensor.relativeNorms?.[name] ?? 0, farFromBase);
    return { kind: 'divergence', severity: 'warning', evidence: `the weights of ${name} moved by ${number(norm)} times the norm of the base${layers}`, advice: 'see that it was trained from this base; then fewer steps, a lower learning rate or more KL keep it near enough to be mixed' };
  });
}

function opposedPairs({ pairs, tensors }: WeightComparison): Finding[] {
  return pairs.filter(({ cosine }) => cosine !== null && cosine < opposing).map(({ a, b, cosine, signConflict }) => {
    const layers = topTensors(tensors, (tensor) => -(tensor.pairs.find((pair) => pair.a === a && pair.b === b)?.cosine ?? 0), -opposing, -1);
    const conflict = signConflict === null ? '' : `, ${Math.round(100 * signConflict)} % of the signs conflict`;
    return { kind: 'divergence', severity: 'warning', evidence: `${a} and ${b} moved against each other: cosine ${number(cosine!)}${conflict}${layers}`, advice: 'a blend cancels what they learned: TIES or DARE resolve sign conflicts, and rewards that conflict less than these leave something to mix' };
  });
}

function unevenNorms({ norms }: WeightComparison): Finding[] {
  const sorted = Object.entries(norms).sort((a, b) => b[1] - a[1]);
  const [[long, most], [short, least]] = [sorted[0], sorted[sorted.length - 1]];
  if (sorted.length < 2 || most <= lopsided * least) return [];
  return [{ kind: 'divergence', severity: 'warning', evidence: `the task vector of ${long} is ${least === 0 ? 'the only one that is not zero' : `${number(most / least)} times as long as that of ${short}`}`, advice: `train ${short} longer or ${long} less: as they are, equal weights give a soup that is nearly ${long} alone` }];
}

/** The tensors where it is worst, in words; `sign` turns the measure back into what is shown. */
function topTensors<T extends { readonly name: string }>(tensors: readonly T[], measure: (tensor: T) => number, limit: number, sign = 1): string {
  const worst = tensors.map((tensor) => ({ name: tensor.name, value: measure(tensor) })).filter(({ value }) => value > limit).sort((a, b) => b.value - a.value);
  if (worst.length === 0) return '';
  return `; most in ${worst.slice(0, shownTensors).map(({ name, value }) => `${name} (${number(sign * value)})`).join(', ')}${worst.length > shownTensors ? ` of ${worst.length} such tensors` : ''}`;
}
