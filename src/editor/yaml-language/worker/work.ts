import type { WorkerThread } from '../../../checkpoint/worker/worker-thread';
import type { DeclaredMetrics } from '../../../experiment/declared-metrics';
import type { Insertion } from '../../../experiment/add-sweep-point';
import type { Diagnostic } from '../../../experiment/diagnostic';
import type { KeyFacts } from '../../../experiment/schema-at';
import type { Experiment } from '../../../experiment/schema';
import type { Position, Range } from '../../../experiment/yaml-source';
import type { ExperimentTarget } from '../../commands/experiment-target';
import type { LensLines } from '../../experiment-language/lens-lines';
import type { FactWords } from '../facts-text';
import type { SettingSummary } from '../../mergekit-language/setting-hover';

export type LanguageId = 'experiment' | 'mergekit';

/** What has to parse a file: thousands of lines would hold up the extension host for longer than a key press. */
export type LanguageWork =
  /** `file` is null where the text is on no disk, so that what it names cannot be looked at */
  | { readonly kind: 'problems'; readonly language: LanguageId; readonly text: string; readonly file: string | null }
  | { readonly kind: 'completions'; readonly language: LanguageId; readonly text: string; readonly at: Position }
  | { readonly kind: 'hover'; readonly language: LanguageId; readonly text: string; readonly offset: number; readonly words: FactWords }
  | { readonly kind: 'definition'; readonly language: LanguageId; readonly text: string; readonly offset: number; readonly directory: string }
  | { readonly kind: 'setting'; readonly text: string; readonly at: Position; readonly directory: string }
  | { readonly kind: 'scope'; readonly text: string }
  | { readonly kind: 'lenses'; readonly text: string }
  | { readonly kind: 'normalised'; readonly text: string; readonly at: Position }
  /** see `findExperimentFile` */
  | { readonly kind: 'experiment-file'; readonly directory: string }
  /** `isToStart` refuses one that names what it cannot use */
  | { readonly kind: 'experiment'; readonly target: ExperimentTarget; readonly isToStart: boolean }
  /** see `sweepPointInsertion` */
  | { readonly kind: 'sweep-point'; readonly text: string; readonly weights: Readonly<Record<string, number>>; readonly variant: string | null };

/** A problem of a file; those of mergekit configurations have no code. */
export type FoundProblem = Omit<Diagnostic, 'code'> & Partial<Pick<Diagnostic, 'code'>>;

/** Keys, or the values of one, that may be typed at a place. */
export interface Completions {
  /** column at which the word starts that is typed */
  readonly start: number;
  readonly isFlow: boolean;
  readonly of: 'key' | 'value';
  readonly items: readonly { readonly label: string; readonly description: string; readonly facts: KeyFacts | null }[];
}

/** What of an experiment file its expressions may name; of a file that cannot be parsed at the moment, nothing. */
export interface ExpressionScope {
  /** type of the task as it stands there */
  readonly task: unknown;
  /** the declared metrics that are right already */
  readonly metrics: DeclaredMetrics;
  readonly rewards: Readonly<Record<string, string>>;
}

/** What of an experiment its panels and its start depend on. */
export type ExperimentSettings = Pick<Experiment, 'name' | 'rewards' | 'seed' | 'check' | 'front'>;

export interface LanguageResults {
  readonly problems: readonly FoundProblem[];
  readonly completions: Completions | null;
  /** Markdown */
  readonly hover: string | null;
  readonly definition: { readonly range: Range; readonly files: readonly string[] } | null;
  readonly setting: SettingSummary | null | { readonly failure: string };
  readonly scope: ExpressionScope;
  readonly lenses: LensLines;
  readonly normalised: readonly { readonly range: Range; readonly text: string }[] | null;
  readonly 'experiment-file': ExperimentTarget | null;
  readonly experiment: ExperimentSettings;
  readonly 'sweep-point': Insertion;
}

/** The bundle of `main.ts`, at work. */
export type LanguageWorker = WorkerThread<LanguageWork, LanguageResults>;
