import * as z from 'zod';
import type { Experiment } from '../experiment/schema';
import { frontGeometry } from './front-geometry';
import { lmcStress } from './lmc-stress';
import { misspecification } from './misspecification';
import { morlBaseline } from './morl-baseline';
import { nonlinearRewards } from './nonlinear-rewards';
import { nonStationary } from './non-stationary';
import { resourceEfficiency } from './resource-efficiency';
import { scale } from './scale';
import type { MeasuredCell, Study, StudyReport, StudySettings } from './study';

/** One line a study. */
export const studies: readonly Study[] = [morlBaseline, misspecification, lmcStress, frontGeometry, resourceEfficiency, scale, nonStationary, nonlinearRewards];

/** The `study` of an experiment file: one of the registry, told apart by `type`. */
export const studySchema: z.ZodType<StudySettings> = z
  .discriminatedUnion('type', studies.map(({ settings }) => settings) as unknown as [z.ZodObject<{ type: z.ZodLiteral<string> }>])
  .describe('Makes this file a study: a set of experiments derived from it, and the question that their comparison answers.') as never;

/** What a variant may override of it: the keys of all studies, none required. */
export const studyOverridesSchema = z.strictObject(
  Object.fromEntries(studies.flatMap(({ settings }) => Object.entries(settings.shape)).map(([key, field]) => [key, key === 'type' ? z.enum(studies.map(({ type }) => type)).describe('The type of the study.').optional() : withoutDefault(field as z.ZodType).optional()])),
).describe('Settings of the study.');

function withoutDefault(field: z.ZodType): z.ZodType {
  return field instanceof z.ZodDefault ? (field.unwrap() as z.ZodType) : field;
}

/** The study that an experiment's `study` names. */
export function studyOf({ type }: StudySettings): Study {
  return studies.find((study) => study.type === type)!;
}

/** What an experiment's study says to what its cells have measured. @param measured the same cells of every seed */
export function compareCells(experiment: Experiment, measured: readonly MeasuredCell[]): StudyReport {
  return studyOf(experiment.study!).compare(measured, experiment.study!, { experiment, alpha: experiment.check.alpha });
}

/** The question of an experiment's study in a sentence. */
export function questionOf(settings: StudySettings): string {
  return studyOf(settings).settings.shape.type!.description ?? '';
}
