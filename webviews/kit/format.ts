/** A measured number for reading: four significant digits, no exponent where a person would not write one; `–` for none. */
export function formatNumber(value: number | null | undefined): string {
  if (value == null || Number.isNaN(value)) return '–';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 1e6 || size < 1e-4) return minus(value.toExponential(2));
  const digits = Math.max(0, 3 - Math.floor(Math.log10(size)));
  return minus(value.toFixed(Math.min(digits, size < 1 ? 4 : 3)));
}

/** A weight or a norm for reading, which may be small: four significant digits at every size. */
export function formatSignificant(value: number | null | undefined): string {
  if (value == null || !Number.isFinite(value) || value === 0) return formatNumber(value);
  const size = Math.abs(value);
  return minus(size >= 1e6 || size < 1e-3 ? value.toExponential(3) : value.toPrecision(4));
}

/** As `formatNumber` with its sign always written, for margins. */
export function formatSigned(value: number): string {
  return value > 0 ? `+${formatNumber(value)}` : formatNumber(value);
}

/** Confidence of intervals at an error rate α, in one piece: `95 %`. */
export function formatConfidence(alpha = 0.05): string {
  return `${Number(((1 - alpha) * 100).toFixed(2))}\u00a0%`;
}

/** Bytes in the units of a file manager: `1.5 MB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${power === 0 ? bytes : (bytes / 1000 ** power).toFixed(1)} ${units[power]}`;
}

function minus(text: string): string {
  return text.replaceAll('-', '−');
}
