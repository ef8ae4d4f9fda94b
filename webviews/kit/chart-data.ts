export type Rows = Readonly<Record<string, object[]>>;

/**
 * Parts a Vega-Lite specification into its shape, where inline `data.values` have become names, and the rows by those
 * names. Rows are copied, because Vega marks the objects that it is given.
 */
export function splitData(spec: object): { readonly shape: object; readonly rows: Rows } {
  const rows: Record<string, object[]> = {};
  const walk = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(walk);
    if (typeof node !== 'object' || node === null) return node;
    const copy: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(node)) copy[key] = key === 'data' ? nameData(value) : walk(value);
    return copy;
  };
  const nameData = (data: unknown): unknown => {
    if (typeof data !== 'object' || data === null || !('values' in data) || !Array.isArray(data.values)) return data;
    const { values, ...rest } = data;
    const name = 'name' in data && typeof data.name === 'string' ? data.name : `rows${Object.keys(rows).length}`;
    rows[name] = values.map((row: unknown) => (typeof row === 'object' && row !== null ? { ...row } : { data: row }));
    return { ...rest, name };
  };
  return { shape: walk(spec) as object, rows };
}
