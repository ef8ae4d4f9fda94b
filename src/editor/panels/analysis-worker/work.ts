import type { WorkerThread } from '../../../checkpoint/worker/worker-thread';
import type { StudySnapshot } from '../../../protocol/study';
import type { SnapshotOf } from '../../../protocol/panels';
import type { AnalysisSettings } from '../source';

/** An analysis of a results file that would hold up the extension host for longer than a key press. */
export interface ResultsAnalysis {
  readonly kind: 'lmc-check' | 'front' | 'front-intervals' | 'spider-map';
  /** it need not exist yet */
  readonly results: string;
  /** `runs/<name>`; null for results that were made elsewhere */
  readonly experimentDirectory: string | null;
  readonly settings: AnalysisSettings;
}

/** What the cells of a study say so far. */
export interface StudyComparison {
  readonly kind: 'study';
  /** experiment file, or a `runs/<name>` directory */
  readonly source: string;
}

export type AnalysisWork = ResultsAnalysis | StudyComparison;

export interface AnalysisResults {
  readonly 'lmc-check': Pick<SnapshotOf['lmc-check'], 'report' | 'samplesPerPoint' | 'evaluated'>;
  /** without intervals, which take long where points and rewards are many */
  readonly front: Omit<SnapshotOf['front'], 'intervals'>;
  readonly 'front-intervals': Pick<SnapshotOf['front'], 'intervals'>;
  readonly 'spider-map': SnapshotOf['spider-map'];
  readonly study: StudySnapshot;
}

/** The bundle of `main.ts`, at work. It answers in JSON, because a text is handed over at once however long it is. */
export type AnalysisWorker = WorkerThread<AnalysisWork, { readonly [K in keyof AnalysisResults]: string }>;
