import * as z from 'zod';
import type { ResultPoint } from '../analysis/results';
import type { StudyChart } from '../charts/study-chart';
import type { Experiment, ExperimentOverrides } from '../experiment/schema';
import type { SeedEstimate } from './seed-estimate';

/** What every study has, besides what its own type asks for. */
export interface StudySettings {
  readonly type: string;
  /** every cell is trained and measured once a seed */
  readonly seeds: readonly number[];
}

/** One of the experiments that a study consists of: the file's own, with these settings laid over it. */
export interface Cell {
  /** fit for a folder */
  readonly name: string;
  readonly overrides: ExperimentOverrides;
}

/** What one training took. */
export interface TrainingCost {
  readonly kind: 'base' | 'expert' | 'morl';
  readonly name: string;
  readonly steps: number;
  /** processor seconds where the CPU computes, wall seconds on another device */
  readonly deviceSeconds: number;
}

/** How far the experts of a cell are from each other, over the weights that act (value functions left out). */
export interface Geometry {
  /** largest ‖θ_a − θ_b‖₂ over pairs of experts */
  readonly distance: number;
  /** mean ‖θ_i − θ_0‖₂ */
  readonly travel: number;
  /** smallest cosine between two task vectors; null where one is zero */
  readonly cosine: number | null;
  readonly parameters: number;
}

/** A cell under one seed, as its sweep and its runs tell. */
export interface MeasuredCell {
  readonly cell: string;
  readonly seed: number;
  readonly points: readonly ResultPoint[];
  readonly costs: readonly TrainingCost[];
  /** device seconds of evaluating one point, mean over the sweep */
  readonly secondsPerPoint: number;
  readonly geometry: Geometry;
}

/** One question of a study and what the measurements say to it. */
export interface Finding {
  readonly question: string;
  readonly answer: 'yes' | 'no' | 'undecided';
  /** in a sentence, with numbers and their unit */
  readonly evidence: string;
  /** the number that decides; null where the answer rests on several, which the table has */
  readonly estimate: SeedEstimate | null;
}

export interface StudySection {
  readonly heading: string;
  readonly note: string;
  readonly chart: StudyChart;
  /** header first */
  readonly table: readonly (readonly string[])[];
}

export interface StudyReport {
  readonly findings: readonly Finding[];
  readonly sections: readonly StudySection[];
}

export interface Comparison {
  readonly experiment: Experiment;
  /** level of intervals */
  readonly alpha: number;
}

/** A question that a set of experiments, derived from one, answers. */
export interface Study<S extends StudySettings = StudySettings> {
  readonly type: S['type'];
  readonly settings: z.ZodObject;
  /** expressions among the settings, by their dotted path below `study` */
  expressions?(settings: S): Readonly<Record<string, string>>;
  /** what the experiment lacks for this study, or null */
  requires?(experiment: Experiment, settings: S): string | null;
  cells(experiment: Experiment, settings: S): readonly Cell[];
  /** @param measured all cells of all seeds */
  compare(measured: readonly MeasuredCell[], settings: S, context: Comparison): StudyReport;
}

/** The settings of a type of study: its own beside `type` and `seeds`. Descriptions stand before defaults. */
export function studySettings<T extends string, S extends z.ZodRawShape>(type: T, description: string, shape: S) {
  return z.strictObject({
    type: z.literal(type).describe(description),
    seeds: z.array(z.int().min(0).max(0xffffffff)).min(1).describe('Seeds of the whole experiment; every cell is trained and measured once a seed, and intervals are over seeds. One seed gives no interval.').default([0, 1, 2]),
    ...shape,
  });
}

/** A study whose settings are typed, as the registry holds it. */
export function defineStudy<S extends StudySettings>(study: Study<S>): Study {
  return study as unknown as Study;
}
