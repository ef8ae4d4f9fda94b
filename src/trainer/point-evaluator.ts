import type { SweepPoint } from '../runs/run-record';
import type { EpisodeScore } from './episodes';

/** Measures the points of a sweep. Base and experts are loaded once; soups are formed in memory. */
export interface PointEvaluator {
  readonly backend: string;
  readonly device: string;
  /** The samples of one point, in waves and in order. Sample k uses the same prompt or environment seed at every point. */
  evaluate(point: SweepPoint): AsyncIterable<readonly EpisodeScore[]>;
  close(): void;
}
