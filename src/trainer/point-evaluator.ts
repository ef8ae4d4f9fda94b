import type { SweepPoint } from '../runs/run-record';
import type { EpisodeScore } from './episodes';

/** A sample of an ensemble; `kl` in nats, averaged over its steps. */
export interface EnsembleScore extends EpisodeScore {
  readonly kl: number;
}

/** Measures the points of a sweep. Base and experts are loaded once; soups are formed in memory. */
export interface PointEvaluator {
  readonly backend: string;
  readonly device: string;
  /** The samples of one point, in waves and in order. Sample k uses the same prompt or environment seed at every point. */
  evaluate(point: SweepPoint): AsyncIterable<readonly EpisodeScore[]>;
  /** The same of the ensemble of the experts that a soup mixes, with KL(soup ‖ ensemble) of each sample. */
  evaluateEnsemble(point: SweepPoint): AsyncIterable<readonly EnsembleScore[]>;
  close(): void;
}
