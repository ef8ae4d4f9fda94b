import type { Measure } from './kernels/kernel';

/** What was seen while merging; sums over finite values. */
export interface MergeStatistics extends Measure {
  /** the first tensor, in the order of the output, with a NaN in it */
  readonly firstNan: string | null;
  /** Σ θ² of every input of the request over the tensors that were read; null where none was */
  readonly inputSquares: readonly (number | null)[];
}

/** Adds up measures, chunk by chunk. */
export class StatisticsSum {
  nan = 0;
  infinite = 0;
  squares = 0;
  firstNan: string | null = null;
  readonly inputSquares: (number | null)[];

  constructor(inputs: number) {
    this.inputSquares = Array.from({ length: inputs }, () => null);
  }

  addOutput(measure: Measure): void {
    this.nan += measure.nan;
    this.infinite += measure.infinite;
    this.squares += measure.squares;
  }

  addInput(input: number, measure: Measure): void {
    this.inputSquares[input] = (this.inputSquares[input] ?? 0) + measure.squares;
  }
}
