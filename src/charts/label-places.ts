/** A place on a chart in pixels, y downwards. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** Where a label is written, from its point; a line leads to one that stands away from it. */
export interface LabelPlace {
  readonly dx: number;
  readonly dy: number;
  readonly align: 'left' | 'right' | 'center';
  readonly isAway: boolean;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** half of a point's width, and what keeps two texts apart */
const pointRadius = 6;
const gap = 2;
/** what covering costs, besides distance: another label or the plot's edge is never worth it, a small point may be */
const cost = { label: 1000, outside: 1000, point: 10, ring: 1 };
/** how far the rings of places are from the point */
const rings = [9, 24, 40, 60, 84, 110];

/**
 * Places for the labels of points that may lie near one another, one after another: beside the point, above right first,
 * where no label and as few points as can be are covered, and the nearer the better.
 * @param points all that is drawn, in pixels; a label's own point is among them
 * @param labels as wide as `width` pixels
 */
export function labelPlaces(labels: readonly (Place & { readonly width: number })[], points: readonly Place[], { width, height, lineHeight }: { readonly width: number; readonly height: number; readonly lineHeight: number }): LabelPlace[] {
  const taken: Box[] = [];
  return labels.map((label) => {
    const best = candidates(lineHeight).map((place) => {
      const box = boxOf(label, label.width, lineHeight, place);
      const isOutside = box.left < 0 || box.right > width || box.top < 0 || box.bottom > height;
      const covered = points.filter(({ x, y }) => overlap(box, { left: x - pointRadius, right: x + pointRadius, top: y - pointRadius, bottom: y + pointRadius })).length;
      return { place, box, total: taken.filter((other) => overlap(box, other)).length * cost.label + (isOutside ? cost.outside : 0) + covered * cost.point + place.ring * cost.ring };
    }).reduce((least, one) => (one.total < least.total ? one : least));
    taken.push(best.box);
    const { dx, dy, align, ring } = best.place;
    return { dx, dy, align, isAway: ring > 0 };
  });
}

/** Right and left, above and below, then straight above and below, ring by ring. */
function candidates(lineHeight: number): (Omit<LabelPlace, 'isAway'> & { readonly ring: number })[] {
  return rings.flatMap((distance, ring) => {
    const beside = ring === 0 ? pointRadius + gap : distance * 0.7;
    return [
      ...[-1, 1].flatMap((up) => (['left', 'right'] as const).map((align) => ({ dx: align === 'left' ? beside : -beside, dy: up * distance, align, ring }))),
      ...[-1, 1].map((up) => ({ dx: 0, dy: up * (distance + lineHeight / 2), align: 'center' as const, ring })),
    ];
  });
}

/** What a text takes whose middle line is `dy` from its point. */
function boxOf({ x, y }: Place, width: number, lineHeight: number, { dx, dy, align }: Omit<LabelPlace, 'isAway'>): Box {
  const left = x + dx - { left: 0, center: width / 2, right: width }[align];
  return { left: left - gap, right: left + width + gap, top: y + dy - lineHeight / 2, bottom: y + dy + lineHeight / 2 };
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
