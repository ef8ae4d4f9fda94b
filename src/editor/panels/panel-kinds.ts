import * as l10n from '@vscode/l10n';
import type { CurveView, PanelKind, SnapshotOf } from '../../protocol/panels';
import type { AnalysisWorker } from './analysis-worker/work';
import type { MetricsStore } from '../run-tree/metrics-store';
import type { Sendable } from './message-queue';
import { frontSnapshots } from './snapshots/front';
import { lmcCheckSnapshots } from './snapshots/lmc-check';
import { rewardCurvesSnapshots } from './snapshots/reward-curves';
import { spiderMapSnapshots } from './snapshots/spider-map';
import { studySnapshots } from './snapshots/study';
import type { PanelSource } from './source';

/** What snapshots are made with. */
export interface PanelServices {
  readonly metrics: MetricsStore;
  readonly analyst: AnalysisWorker;
  /** does what takes so long that other panels are not to wait for it */
  readonly longAnalyst: AnalysisWorker;
  /** asks for another snapshot: something is done that an earlier one was without */
  readonly onLater: () => void;
}

interface PanelDescription<K extends PanelKind> {
  readonly title: string;
  /** Makes what computes the panel's snapshots; it may keep what it has read. */
  snapshots(source: PanelSource, services: PanelServices): (view?: CurveView) => Promise<Sendable<SnapshotOf[K]>>;
}

/** What the host knows of each panel; the rest is in its webview. */
export const panelDescriptions: { readonly [K in PanelKind]: PanelDescription<K> } = {
  'reward-curves': { title: l10n.t('Reward Curves'), snapshots: rewardCurvesSnapshots },
  'lmc-check': { title: l10n.t('LMC Check'), snapshots: lmcCheckSnapshots },
  'spider-map': { title: l10n.t('Spider Map'), snapshots: spiderMapSnapshots },
  front: { title: l10n.t('Pareto Front'), snapshots: frontSnapshots },
  study: { title: l10n.t('Study'), snapshots: studySnapshots },
};

/** `LMC Check: locomotion` */
export function panelTitle(kind: PanelKind, name: string): string {
  return `${panelDescriptions[kind].title}: ${name}`;
}
