import * as l10n from '@vscode/l10n';

/** What the keys of a chart work on; places and ranges are those of its x axis. */
export interface ReadChart {
  /** what is shown; null before anything is drawn */
  shown(): readonly [low: number, high: number] | null;
  /** from the first point to the last */
  whole(): readonly [low: number, high: number] | null;
  cursor(): number | null;
  setCursor(x: number | null): void;
  /** null shows everything */
  zoom(range: readonly [low: number, high: number] | null): void;
}

/** said of a chart that has the focus */
export const keysOfChart = l10n.t('← → read the values, + − zoom, 0 shows everything');

/**
 * The keys of a chart do what the pointer does by place, drag and wheel: the arrows move the cursor by a fiftieth of what
 * is shown (with Shift by a tenth), Home and End to its ends, + and − zoom around it, 0 shows everything, Escape lets go.
 * @returns whether the key was one of them
 */
export function workByKey({ key, shiftKey }: Pick<KeyboardEvent, 'key' | 'shiftKey'>, chart: ReadChart): boolean {
  const [shown, whole] = [chart.shown(), chart.whole()];
  if (!shown || !whole) return false;
  const [low, high] = shown;
  const at = Math.min(high, Math.max(low, chart.cursor() ?? (low + high) / 2));
  const step = (high - low) / (shiftKey ? 10 : 50);
  const scaled = (factor: number): void => {
    const range = [at - (at - low) * factor, at + (high - at) * factor] as const;
    chart.zoom(range[0] <= whole[0] && range[1] >= whole[1] ? null : range);
  };
  const actions: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => chart.setCursor(Math.max(low, at - step)),
    ArrowRight: () => chart.setCursor(Math.min(high, at + step)),
    Home: () => chart.setCursor(low),
    End: () => chart.setCursor(high),
    '+': () => scaled(0.5),
    '=': () => scaled(0.5), // the same key without Shift
    '-': () => scaled(2),
    '0': () => chart.zoom(null),
    Escape: () => chart.setCursor(null),
  };
  actions[key]?.();
  return key in actions;
}
