import path from 'node:path';
import type { ResultPoint } from '../../../analysis/results';
import type { StudyChart } from '../../../charts/study-chart';
import { SoupError } from '../../../errors';
import { loadExperiment } from '../../../experiment/parse';
import type { StudySnapshot } from '../../../protocol/study';
import { measureCell } from '../../../runs/measure-cell';
import { readWrittenRecord } from '../../../runs/run-directory';
import { isBlended, totalStepsOf, type SweepJob } from '../../../runs/run-record';
import { isStudy } from '../../../runs/work';
import { planStudy, type PlannedCell, type StudyExperiment } from '../../../studies/plan-study';
import { compareCells, questionOf } from '../../../studies/registry';
import type { MeasuredCell, StudyReport } from '../../../studies/study';
import type { ExperimentTarget } from '../../commands/experiment-target';
import { findExperimentFile } from '../../experiment-language/find-experiment-file';
import { cachedFile, measuredPoints } from '../results-reader';

interface PlannedStudy {
  readonly experiment: StudyExperiment;
  readonly cells: readonly PlannedCell[];
}

/**
 * A study as far as it is measured. It may be asked several times a second while the study runs: what the files said
 * before is kept, and only what has changed is read again.
 */
export class StudyAnalysis {
  private readonly plan = cachedFile((file) => planOf({ ...this.target!, experimentFile: file }));
  private readonly points = cacheOfEach(measuredPoints);
  private readonly measured = new Map<string, { readonly points: readonly ResultPoint[]; readonly cell: Promise<MeasuredCell> }>();
  private compared: { readonly plan: PlannedStudy; readonly cells: readonly MeasuredCell[]; readonly report: StudySnapshot['report'] } | null = null;
  private target: ExperimentTarget | null = null;

  /** @param source experiment file, or a `runs/<name>` directory beside one */
  constructor(private readonly source: string) {}

  /** @throws SoupError where there is no experiment file, or the one that there is is wrong or no study */
  async snapshot(): Promise<StudySnapshot> {
    const plan = await this.planned();
    const { experiment, cells } = plan;
    const looks = await Promise.all(cells.map(async (cell) => {
      const points = await this.points(cell.plan.sweep.job.results);
      return { cell, points, evaluated: await evaluatedOf(cell.plan.sweep, points), planned: totalStepsOf(cell.plan.sweep.job) };
    }));
    const isDone = ({ evaluated, planned }: (typeof looks)[number]) => evaluated >= planned;
    const { seeds } = experiment.study;
    const whole = seeds.filter((seed) => looks.every((look) => look.cell.seed !== seed || isDone(look)));
    const measured: MeasuredCell[] = [];
    for (const { cell, points } of looks.filter(({ cell: { seed } }) => whole.includes(seed))) measured.push(await this.measure(cell, points));
    return {
      type: experiment.study.type,
      question: questionOf(experiment.study),
      report: measured.length > 0 ? this.compare(plan, measured) : null,
      seeds: { done: whole.length, of: seeds.length },
      cells: { done: looks.filter(isDone).length, of: looks.length },
      points: { done: sum(looks.map(({ evaluated }) => evaluated)), of: sum(looks.map(({ planned }) => planned)) },
      alpha: experiment.check.alpha,
    };
  }

  private async planned(): Promise<PlannedStudy> {
    this.target ??= await targetOf(this.source);
    try {
      return await this.plan(this.target.experimentFile);
    } catch (error) {
      this.target = null; // the file may have been renamed
      throw error;
    }
  }

  private measure(cell: PlannedCell, points: readonly ResultPoint[]): Promise<MeasuredCell> {
    const key = cell.plan.sweep.directory;
    const known = this.measured.get(key);
    if (known?.points === points) return known.cell;
    const measuring = measureCell(cell, points);
    this.measured.set(key, { points, cell: measuring });
    measuring.catch(() => this.measured.delete(key)); // what was missing may come
    return measuring;
  }

  private compare(plan: PlannedStudy, cells: readonly MeasuredCell[]): StudySnapshot['report'] {
    const isSame = this.compared?.plan === plan && cells.length === this.compared.cells.length && cells.every((cell, index) => cell === this.compared!.cells[index]);
    if (!isSame) this.compared = { plan, cells, report: drawable(compareCells(plan.experiment, cells)) };
    return this.compared!.report;
  }
}

async function targetOf(source: string): Promise<ExperimentTarget> {
  if (/\.ya?ml$/.test(source)) return { experimentFile: source, variant: null };
  const target = await findExperimentFile(source);
  if (!target) throw new SoupError('NoStudyError', `No experiment file beside ${source} has these runs: put it back, or correct it, and open the panel again.`);
  return target;
}

async function planOf({ experimentFile, variant }: ExperimentTarget): Promise<PlannedStudy> {
  const experiment = await loadExperiment(experimentFile, { variant: variant ?? undefined });
  if (!isStudy(experiment)) throw new SoupError('NoStudyError', `${path.basename(experimentFile)} is no study: give it a \`study\` key, such as \`study: { type: morl-baseline }\`.`);
  return { experiment, cells: planStudy(experiment, experimentFile) };
}

/** How many of the points of a sweep are there; all of them where a search has ended before its budget. */
async function evaluatedOf({ job, directory }: PlannedCell['plan']['sweep'], points: readonly ResultPoint[]): Promise<number> {
  const names = new Set(points.map(({ name }) => name));
  const planned = job.points.filter(({ name }) => names.has(name)).length;
  if (!job.search) return planned;
  if (planned === job.points.length && (await readWrittenRecord(directory).catch(() => null))?.state === 'succeeded') return totalStepsOf(job);
  return Math.min(totalStepsOf(job), planned + found(job, points));
}

/** Points that a search has added to those of the plan. */
function found({ points: planned }: SweepJob, points: readonly ResultPoint[]): number {
  const names = new Set(planned.map(({ name }) => name));
  return points.filter((point) => isBlended(point) && !names.has(point.name)).length;
}

/** A report as the panel shows it: without the points that have no place in a chart, such as the cost of a training that was not timed. */
function drawable({ findings, sections }: StudyReport): StudySnapshot['report'] {
  const keep = (chart: StudyChart): StudyChart => chart.type === 'fronts'
    ? { ...chart, points: chart.points.filter(({ first, second }) => Number.isFinite(first) && Number.isFinite(second)) }
    : { ...chart, points: chart.points.filter(({ x, y }) => (typeof x === 'string' || Number.isFinite(x)) && Number.isFinite(y)) };
  return { findings: findings.map(({ estimate: _, ...words }) => words), sections: sections.map((section) => ({ ...section, chart: keep(section.chart) })) };
}

/** As `cachedFile`, for any number of files. */
function cacheOfEach<T>(derive: (file: string) => Promise<T>): (file: string) => Promise<T> {
  const readers = new Map<string, (file: string) => Promise<T>>();
  return (file) => {
    const reader = readers.get(file) ?? cachedFile(derive);
    readers.set(file, reader);
    return reader(file);
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
