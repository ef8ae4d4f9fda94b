/** A tensor's place in a stack of layers: `model.layers.` · 3 · `.mlp.up_proj.weight`. */
export interface LayerPlace {
  /** what stands before the number; the stack's name */
  readonly stack: string;
  readonly layer: number;
  readonly rest: string;
}

const layerName = /^((?:.*?\.)?(?:layers|layer|h|blocks|block)\.)(\d+)(\..*)$/;

/** Where in which stack of layers a tensor belongs, by the names that architectures give them; null outside. */
export function layerPlace(name: string): LayerPlace | null {
  const match = layerName.exec(name);
  return match ? { stack: match[1], layer: Number(match[2]), rest: match[3] } : null;
}

/** Number of layers of every stack. */
export function layerCounts(names: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) {
    const place = layerPlace(name);
    if (place) counts.set(place.stack, Math.max(counts.get(place.stack) ?? 0, place.layer + 1));
  }
  return counts;
}

/** Place of a tensor among the layers of its stack, from 0 for the first to 1 for the last; 0 outside the layers, as in mergekit. @param names of all tensors */
export function layerPositions(names: Iterable<string>): (name: string) => number {
  const counts = layerCounts(names);
  return (name) => {
    const place = layerPlace(name);
    if (!place) return 0;
    const count = counts.get(place.stack) ?? 1;
    return count > 1 ? place.layer / (count - 1) : 1;
  };
}

/** A list over the layers at t, 0 to 1: interpolated piecewise linearly between its values, which are spaced evenly. */
export function gradientAt(values: readonly number[], t: number): number {
  const place = t * (values.length - 1);
  const before = Math.floor(place);
  return (1 - (place - before)) * values[before] + (place - before) * values[Math.min(values.length - 1, before + 1)];
}

/** Whether a tensor outside the layers comes before them (embeddings) rather than after (final norm, head). */
export function isBeforeLayers(name: string): boolean {
  return /(embed|wte|wpe|\bword_emb|\bposition)/.test(name) && !/(lm_head|embed_out)/.test(name);
}
