import { keepAll, keepNone, keyScratch, type Mask } from './mask';
import { magnitudeKeys, RankSelection, type Cut } from './rank-selection';

/** Keeps the share `density` of the largest magnitudes, at least one (TIES, Yadav et al. 2023); of equal ones the first. */
export function largestMagnitudes(elements: number, density: number): Mask {
  if (density >= 1) return keepAll;
  if (density <= 0 || elements === 0) return keepNone;
  const kept = Math.max(1, Math.floor(density * elements));
  return rankRange(elements, elements - kept, elements, 'first');
}

/**
 * Drops the share `gamma` of the largest magnitudes and then the smallest ones until the share `density` is left (Model
 * Breadcrumbs, Davari & Belilovsky 2023). Fewer large ones are dropped where the two do not fit together.
 */
export function withoutOutliers(elements: number, density: number, gamma: number): Mask {
  if (density >= 1) return keepAll;
  const kept = Math.floor(density * elements);
  if (kept <= 0) return keepNone;
  const dropped = Math.max(0, elements - kept - Math.floor(gamma * elements));
  return rankRange(elements, dropped, dropped + kept, 'last');
}

/**
 * Keeps the ranks [from, to) of the magnitudes, the smallest being 0.
 * @param ofEqual which of several equal magnitudes count as the larger ones: the first in the tensor, or the last
 */
function rankRange(elements: number, from: number, to: number, ofEqual: 'first' | 'last'): Mask {
  const selection = new RankSelection();
  const scratch = keyScratch();
  const keysOf = (delta: Float32Array): Uint32Array => magnitudeKeys(delta, scratch(delta.length));
  const borders = [from, to].filter((rank) => rank > 0 && rank < elements);
  let cuts: readonly (Cut & { readonly rank: number; seen: number })[] = [];
  return {
    passes: borders.length === 0 ? [] : [
      { add: (delta, _start, vectors) => (vectors ? selection.addUpperMagnitudes(delta, vectors) : selection.addUpper(keysOf(delta))), finish: () => selection.want(borders) },
      { add: (delta, _start, vectors) => (vectors ? selection.addLowerMagnitudes(delta, vectors) : selection.addLower(keysOf(delta))), finish: () => (cuts = selection.cuts().map((cut, i) => ({ ...cut, rank: borders[i], seen: 0 }))) },
    ],
    mark(delta, start, keep) {
      const keys = keysOf(delta);
      if (start === 0) for (const cut of cuts) cut.seen = 0;
      keep.fill(1);
      for (const cut of cuts) {
        const isLowerBorder = cut.rank === from;
        // of the elements that equal the border, this many lie below it
        const equalBelow = cut.rank - cut.below;
        for (let k = 0; k < keys.length; k++) {
          let isBelow = keys[k] < cut.key;
          if (keys[k] === cut.key) {
            isBelow = ofEqual === 'last' ? cut.seen < equalBelow : cut.seen >= cut.equal - equalBelow;
            cut.seen++;
          }
          if (isBelow === isLowerBorder) keep[k] = 0;
        }
      }
    },
    prune(delta, start, vectors) {
      if (start === 0) for (const cut of cuts) cut.seen = 0;
      // the upper border first: what equals both is then numbered as it was
      for (const cut of [...cuts].reverse()) {
        const { key, below, equal, rank, seen } = cut;
        const equalBelow = rank - below;
        const dropsLarger = rank !== from;
        // those below the border are the first that equal it, or the last
        const lower = ofEqual === 'last' ? { from: 0, to: equalBelow } : { from: equal - equalBelow, to: equal };
        const upper = ofEqual === 'last' ? { from: equalBelow, to: equal } : { from: 0, to: equal - equalBelow };
        const kept = dropsLarger ? lower : upper;
        cut.seen += vectors.trim(delta, { key, equal: { from: kept.from - seen, to: kept.to - seen }, dropsLarger });
      }
    },
  };
}
