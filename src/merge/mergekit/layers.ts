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

/** Whether a tensor outside the layers comes before them (embeddings) rather than after (final norm, head). */
export function isBeforeLayers(name: string): boolean {
  return /(embed|wte|wpe|\bword_emb|\bposition)/.test(name) && !/(lm_head|embed_out)/.test(name);
}
