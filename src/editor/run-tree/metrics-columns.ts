import { isMeasured } from '../../protocol/check';
import type { MetricsRow } from '../../runs/run-record';

/** Keys of a row that place it on the x axis. */
const axes = new Set(['step', 'time', 'samples']);

/** Numbers that grow at their end, 8 bytes each. */
class Column {
  private data = new Float64Array(64);
  length = 0;

  push(value: number): void {
    if (this.length === this.data.length) {
      const larger = new Float64Array(2 * this.length);
      larger.set(this.data);
      this.data = larger;
    }
    this.data[this.length++] = value;
  }

  /** The last value; -Infinity where there is none. */
  get last(): number {
    return this.length > 0 ? this.data[this.length - 1]! : -Infinity;
  }

  at(index: number): number {
    return this.data[index]!;
  }

  get values(): Float64Array {
    return this.data.subarray(0, this.length);
  }
}

/** A logged quantity: the rows that have it, and its values there. */
export interface QuantityColumn {
  readonly rows: Float64Array;
  readonly values: Float64Array;
}

/**
 * What a run has logged, in columns: a fraction of what its rows would take as objects. A row that goes back to an earlier
 * step, as a resumed training writes it, takes the place of those after that step.
 */
export class MetricsColumns {
  private readonly steps = new Column();
  private readonly times = new Column();
  private readonly sampleCounts = new Column();
  private readonly quantities = new Map<string, { readonly rows: Column; readonly values: Column }>();
  /** changes with every row */
  version = 0;

  add(row: MetricsRow): void {
    while (this.steps.last >= row.step) this.dropLast();
    const index = this.steps.length;
    this.steps.push(row.step);
    this.times.push(Date.parse(row.time));
    this.sampleCounts.push(typeof row.samples === 'number' ? row.samples : NaN);
    for (const [name, value] of quantitiesOf(row)) {
      let column = this.quantities.get(name);
      if (!column) this.quantities.set(name, (column = { rows: new Column(), values: new Column() }));
      column.rows.push(index);
      column.values.push(value);
    }
    this.version++;
  }

  /** Names of what has been logged. */
  get names(): string[] {
    return [...this.quantities].filter(([, { rows }]) => rows.length > 0).map(([name]) => name);
  }

  quantity(name: string): QuantityColumn {
    const column = this.quantities.get(name);
    return column ? { rows: column.rows.values, values: column.values.values } : { rows: new Float64Array(0), values: new Float64Array(0) };
  }

  /** of every row */
  get step(): Float64Array {
    return this.steps.values;
  }

  /** NaN where a row does not say */
  get samples(): Float64Array {
    return this.sampleCounts.values;
  }

  /** Seconds since the first row, of one row; 0 where its time cannot be read. */
  secondsAt(row: number): number {
    const seconds = (this.times.at(row) - this.times.at(0)) / 1000;
    return Number.isFinite(seconds) ? seconds : 0;
  }

  private dropLast(): void {
    const index = --this.steps.length;
    this.times.length = this.sampleCounts.length = index;
    for (const { rows, values } of this.quantities.values()) if (rows.last === index) values.length = --rows.length;
  }
}

/** Numbers of a row that can be drawn, under dotted names; lists and text are no curves. */
function* quantitiesOf(object: object, prefix = ''): Generator<[string, number]> {
  for (const [key, value] of Object.entries(object) as [string, unknown][]) {
    if (prefix === '' && axes.has(key)) continue;
    if (typeof value === 'number') {
      if (isMeasured(value)) yield [prefix + key, value];
    } else if (typeof value === 'object' && value !== null && !Array.isArray(value)) yield* quantitiesOf(value, `${prefix}${key}.`);
  }
}
