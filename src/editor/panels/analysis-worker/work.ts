import type { WorkerThread } from '../../../checkpoint/worker/worker-thread';
import type { FrontReport, LmcReport } from '../../../analysis/results';
import type { AnalysisSettings } from '../source';

/** Analyses of a results file that would hold up the extension host for longer than a key press. */
export interface AnalysisWork {
  readonly kind: 'lmc-check' | 'front';
  /** it need not exist yet */
  readonly results: string;
  readonly settings: AnalysisSettings;
}

export interface AnalysisResults {
  readonly 'lmc-check': { readonly report: LmcReport | null; readonly samplesPerPoint: number | null; readonly evaluated: number };
  readonly front: { readonly report: FrontReport | null; readonly rewards: readonly string[] };
}

/** The bundle of `main.ts`, at work. */
export type AnalysisWorker = WorkerThread<AnalysisWork, AnalysisResults>;
