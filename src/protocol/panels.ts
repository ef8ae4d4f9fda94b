import type { MeasuredMean } from '../analysis/measured-mean';
import type { SearchAnswer } from '../analysis/preference-search';
import type { FrontReport, LmcReport, ResultPoint } from '../analysis/results';
import type { RunKind, RunState } from '../runs/run-record';
import type { StudySnapshot } from './study';

/*
 * The page of a panel: the host writes
 *   <html><head> Content-Security-Policy: default-src 'none'; script-src 'nonce-…'; style-src ${cspSource} 'unsafe-inline'; font-src ${cspSource}; img-src ${cspSource} data: blob:
 *     <link rel="stylesheet" href="…/dist/webviews/<panel>.css"></head>
 *   <body data-panel="<panel>"><main id="root"></main><script nonce src="…/dist/webviews/<panel>.js"></script></body>
 * with <panel> a PanelKind or `inspector`; localResourceRoots holds dist/webviews. Nothing is evaluated, so no 'unsafe-eval'.
 * The script posts `ready` each time that it loads; the host answers with the latest snapshot (or failure), and
 * answers `ready` again after the webview was hidden, because VS Code drops messages to hidden webviews.
 */

/** Panels open as editor tabs on one experiment; the inspector is a view of the side bar. */
export const panelKinds = ['reward-curves', 'lmc-check', 'spider-map', 'front', 'study'] as const;
export type PanelKind = (typeof panelKinds)[number];

/** What curves are drawn along: `samples` are episodes or prompts seen, `seconds` those since the run's first line. */
export type CurveAxis = 'step' | 'samples' | 'seconds';

/** What the reader of reward curves looks at: a group of quantities, and the zoomed part of the axis. */
export interface CurveView {
  readonly group: string;
  readonly axis: CurveAxis;
  readonly range: readonly [number, number] | null;
}

/** A run's curves, decimated by the host to at most 1,000 points a line (extremes and last kept). */
export interface CurveRun {
  readonly name: string;
  readonly kind: RunKind;
  readonly state: RunState;
  readonly backend: string | null;
  /** the reward expression that the run maximises */
  readonly objective: string | null;
  /** one line a quantity of the group that is looked at (`reward.risky`, `metric.energy`, `kl`, `loss.policy`, …) */
  readonly lines: Readonly<Record<string, CurveLine>>;
}

/** Columns of one length. `samples` (episodes or prompts seen) where the trainer logs them; `seconds` since the run's first line. */
export interface CurveLine {
  readonly step: readonly number[];
  readonly seconds: readonly number[];
  readonly samples?: readonly number[];
  readonly value: readonly number[];
}

export interface SnapshotOf {
  readonly 'reward-curves': {
    readonly runs: readonly CurveRun[];
    readonly rewards: readonly string[];
    /** all that any run has logged */
    readonly quantities: readonly string[];
    /** share of the logs that is not read yet */
    readonly unread: number;
  };
  readonly 'lmc-check': {
    readonly report: LmcReport | null;
    readonly samplesPerPoint: number | null;
    /** points measured so far, and all that the sweep will measure where that is known */
    readonly evaluated: number;
    readonly planned: number | null;
    /** significance level of the intervals; 0.05 where absent */
    readonly alpha?: number;
  };
  /** points without their samples: the panel shows only what was measured */
  readonly 'spider-map': { readonly points: readonly ResultPoint[] };
  readonly front: {
    readonly report: FrontReport | null;
    /** of each of the report's points, by reward; absent in charts of bare means */
    readonly measured?: readonly Readonly<Record<string, MeasuredMean>>[];
    readonly rewards: readonly string[];
    /** of the report's volumes, in place of its own: null where the points carry no paired samples, absent while they are computed */
    readonly intervals?: FrontReport['intervals'];
    /** what the sweep's search for λ has found, a preference each; none or absent where it evaluated a grid */
    readonly searches?: readonly SearchAnswer[];
    /** significance level of the intervals; 0.05 where absent */
    readonly alpha?: number;
  };
  readonly study: StudySnapshot;
}

/** What a panel was opened on. */
export interface PanelTarget {
  readonly panel: PanelKind;
  /** file system path of the experiment file, of a `runs/<name>` directory or of a results file */
  readonly source: string;
  readonly title: string;
}

export type ToPanel<K extends PanelKind = PanelKind> =
  /** `hasCheckpoints` is false for a table of results made elsewhere: it says not where the weights of its points are, to blend or to inspect */
  | { readonly type: 'snapshot'; readonly target: PanelTarget; readonly hasCheckpoints: boolean; readonly snapshot: SnapshotOf[K] }
  | { readonly type: 'failure'; readonly message: string };

/** A run by its name, or a point of weight space by its λ. */
export type PanelSelection = { readonly run: string } | { readonly weights: Readonly<Record<string, number>> };

export type FromPanel =
  | { readonly type: 'ready' }
  /** `name` has no extension; `content` is text, or base64 for png */
  | { readonly type: 'export'; readonly name: string; readonly format: 'svg' | 'png' | 'csv'; readonly content: string }
  | { readonly type: 'create-soup'; readonly weights: Readonly<Record<string, number>> }
  | { readonly type: 'open-log'; readonly run: string }
  /** what was selected, for the inspector to follow; where it `isAskedFor`, a hidden inspector opens */
  | { readonly type: 'inspect'; readonly selection: PanelSelection; readonly isAskedFor: boolean }
  | { readonly type: 'view'; readonly view: CurveView };

