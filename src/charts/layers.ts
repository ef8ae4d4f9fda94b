/** Where a tensor stands in a network of repeated layers. */
export interface LayerPlace {
  /** null for a tensor outside the layers, such as an embedding */
  readonly layer: number | null;
  /** the name with its layer number left out: equal for the same part of every layer */
  readonly part: string;
}

/** The first whole number between the dots of a name is its layer: `model.layers.3.mlp.up_proj.weight` is part `mlp.up_proj.weight` of layer 3. */
export function placeOf(name: string): LayerPlace {
  const pieces = name.split('.');
  const at = pieces.findIndex((piece) => /^\d+$/.test(piece));
  if (at < 0) return { layer: null, part: name };
  return { layer: Number(pieces[at]), part: pieces.slice(at + 1).join('.') || pieces.slice(0, at).join('.') };
}
