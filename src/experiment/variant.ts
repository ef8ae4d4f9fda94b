type Json = Record<string, unknown>;

/** Lays one tree of settings over another: maps are merged key by key, everything else is replaced. */
export function mergeSettings(under: unknown, over: unknown): unknown {
  if (!isMapping(under) || !isMapping(over)) return over;
  const merged: Json = { ...under };
  for (const [key, value] of Object.entries(over)) merged[key] = Object.hasOwn(under, key) ? mergeSettings(under[key], value) : value;
  return merged;
}

/**
 * The file's settings with a variant laid over them, under the name `<name>-<variant>`, without the variants.
 * @param file the parsed YAML, unchecked
 */
export function withVariant(file: Json, variant: string): Json {
  const { variants, ...settings } = file;
  const chosen = isMapping(variants) ? variants[variant] : undefined;
  return { ...(mergeSettings(settings, chosen ?? {}) as Json), name: typeof settings.name === 'string' ? `${settings.name}-${variant}` : settings.name };
}

/** Names of the variants that a file has; [] where that key is missing or broken. */
export function variantNames(file: unknown): readonly string[] {
  return isMapping(file) && isMapping(file.variants) ? Object.keys(file.variants) : [];
}

export function isMapping(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
