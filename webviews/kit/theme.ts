import type { ChartTheme } from '../../src/charts/theme';

export type ThemeKind = 'light' | 'dark' | 'high-contrast' | 'high-contrast-light';

/** Colours where a theme leaves a variable out (high contrast themes leave several out). */
const fallbacks: Readonly<Record<ThemeKind, Readonly<Record<string, string>>>> = {
  dark: { foreground: '#cccccc', background: '#1f1f1f', blue: '#3794ff', orange: '#d18616', green: '#89d185', purple: '#b180d7', red: '#f14c4c', yellow: '#cca700' },
  light: { foreground: '#3b3b3b', background: '#ffffff', blue: '#1a85ff', orange: '#d18616', green: '#388a34', purple: '#652d90', red: '#e51400', yellow: '#bf8803' },
  'high-contrast': { foreground: '#ffffff', background: '#000000', blue: '#3794ff', orange: '#ffb454', green: '#89d185', purple: '#d7a6ff', red: '#f88070', yellow: '#f2d64b' },
  'high-contrast-light': { foreground: '#292929', background: '#ffffff', blue: '#0f4a85', orange: '#8a4b00', green: '#2d6b26', purple: '#652d90', red: '#b5200d', yellow: '#6f5600' },
};
const paletteOrder = ['blue', 'orange', 'green', 'purple', 'red', 'yellow'] as const;

/** Kind of the theme in use, from the class that VS Code keeps on the page's body. */
export function themeKind(body: HTMLElement = document.body): ThemeKind {
  if (body.classList.contains('vscode-high-contrast-light')) return 'high-contrast-light';
  if (body.classList.contains('vscode-high-contrast')) return 'high-contrast';
  return body.classList.contains('vscode-light') ? 'light' : 'dark';
}

/**
 * The colours and font of the editor's theme, resolved to literal values: charts are exported as files, where
 * `var(--vscode-…)` would mean nothing.
 * @param surface what the chart stands on
 */
export function readTheme(body: HTMLElement = document.body, surface: 'editor' | 'sideBar' = 'editor'): ChartTheme {
  const style = getComputedStyle(body);
  const fallback = fallbacks[themeKind(body)];
  const isHighContrast = themeKind(body).startsWith('high-contrast');
  const read = (variable: string, otherwise: string): string => style.getPropertyValue(`--vscode-${variable}`).trim() || otherwise;
  // VS Code's own chart colours are one set for every contrast; high contrast themes need stronger ones.
  const colour = (name: string): string => {
    const own = read(`charts-${name}`, fallback[name]!);
    return isHighContrast || isTranslucent(own) ? fallback[name]! : own; // some themes tint with a third of an orange: too faint for a line
  };
  const background = read(`${surface}-background`, fallback['background']!);
  const foreground = read(surface === 'editor' ? 'editor-foreground' : 'foreground', fallback['foreground']!);
  return {
    background,
    foreground,
    grid: mix(foreground, background, isHighContrast ? 0.35 : 0.16),
    palette: paletteOrder.map(colour),
    font: read('font-family', 'sans-serif'),
    fontSize: Math.max(10, (Number.parseFloat(read('font-size', '13px')) || 13) - 1),
    positive: colour('green'),
    negative: colour('red'),
  };
}

/** Calls back when the user changes the colour theme; VS Code then rewrites class and style of body and root. */
export function watchTheme(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  for (const target of [document.body, document.documentElement]) observer.observe(target, { attributes: true, attributeFilter: ['class', 'style'] });
  return () => observer.disconnect();
}

function isTranslucent(colour: string): boolean {
  const alpha = /^#[0-9a-f]{6}([0-9a-f]{2})$/i.exec(colour)?.[1];
  if (alpha) return alpha.toLowerCase() !== 'ff';
  return Number(/^rgba\(.*,\s*([\d.]+)\)$/i.exec(colour)?.[1] ?? 1) < 1;
}

/** A colour between two hexadecimal ones; `top` as it is where either has another notation. */
function mix(top: string, bottom: string, share: number): string {
  const [a, b] = [channels(top), channels(bottom)];
  if (!a || !b) return top;
  return `#${a.map((value, index) => Math.round(value * share + b[index]! * (1 - share)).toString(16).padStart(2, '0')).join('')}`;
}

function channels(colour: string): number[] | null {
  const long = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})/i.exec(colour);
  if (long) return long.slice(1).map((pair) => Number.parseInt(pair, 16));
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(colour);
  return short ? short.slice(1).map((digit) => Number.parseInt(digit + digit, 16)) : null;
}
