import * as z from 'zod';
import { coverageOf, type Coverage } from './coverage';
import { drawnRewards, frontPoints } from './front-points';
import { gridOver, scalarisedRuns } from './scalarisations';
import { estimateOverSeeds, estimateText, isAbove, percent, signedPercent } from './seed-estimate';
import { defineStudy, studySettings, type MeasuredCell, type Study, type StudySection, type StudySettings } from './study';

export interface MorlGridSettings extends StudySettings {
  readonly grid: number;
}

/** MORL on a grid of μ and soups on a grid of λ that holds it, from one base. */
export const morlCells: Study<MorlGridSettings>['cells'] = (experiment, { grid }) =>
  [{ name: 'fronts', overrides: { morl: scalarisedRuns(experiment, grid), sweep: { grid: gridOver(grid, experiment.sweep.grid) } } }];

const methods: Readonly<Record<string, (coverage: Coverage, experts: number) => number>> = {
  'soups, all λ': ({ soups }) => soups,
  'soups at the λ of MORL': ({ soupsAtMorl }) => soupsAtMorl,
  'MORL, all trainings': ({ morl }) => morl,
  'MORL, best choice of as many trainings as experts': ({ morlBest }) => morlBest,
  'MORL, as many trainings as experts': ({ morlByTrainings }, experts) => morlByTrainings[experts - 1]!,
  'experts alone': ({ experts }) => experts,
};

/**
 * Rewarded soups against multi-objective RL (Ramé et al. 2023, section 3): M trainings on Σ μᵢRᵢ with the experts' own
 * hyper-parameters, at an equal number of points and at an equal number of trainings.
 */
export const morlBaseline = defineStudy<MorlGridSettings>({
  type: 'morl-baseline',
  settings: studySettings('morl-baseline', 'Soups against trainings on a grid of weighted rewards (MORL), at equal number of points and at equal compute.', {
    grid: z.int().min(3).describe('Points of the grid of μ on each edge of the simplex, ends included; the ends are the experts.').default(5),
  }),
  cells: morlCells,
  compare(measured, _settings, { alpha }) {
    const experts = measured[0]!.points.filter(({ kind }) => kind === 'expert').length;
    const coverages = measured.map(({ points }) => coverageOf(points));
    const over = (value: (coverage: Coverage) => number) => estimateOverSeeds(coverages.map(value), alpha);
    const equalPoints = over(({ soupsAtMorl, morl }) => soupsAtMorl - morl);
    const equalCompute = over(({ soups, morlByTrainings }) => soups - morlByTrainings[experts - 1]!);
    const hindsight = over(({ soups, morlBest }) => soups - morlBest);
    const rows = Object.entries(methods).map(([name, value]) => ({ name, estimate: over((coverage) => value(coverage, experts)) }));
    return {
      findings: [
        { question: 'At an equal number of points, do soups cover more of the front than MORL?', answer: isAbove(equalPoints, 0), evidence: `the share of the joint hypervolume differs by ${estimateText(equalPoints, signedPercent)}, soups minus MORL`, estimate: equalPoints },
        { question: `At equal compute (${experts} trainings each), do soups cover more than MORL?`, answer: isAbove(equalCompute, 0), evidence: `by ${estimateText(equalCompute, signedPercent)} of the joint hypervolume against the mean choice of ${experts} MORL trainings, by ${estimateText(hindsight, signedPercent)} against the best choice, known only afterwards`, estimate: equalCompute },
      ],
      sections: [
        {
          heading: 'Coverage of the front',
          note: 'Share of the hypervolume that all points of a seed dominate together, above a point that is a tenth of the rewards\' ranges below the worst values. The experts count as MORL\'s ends.',
          chart: { type: 'intervals', points: rows.map(({ name, estimate }) => ({ x: name, y: estimate.mean, low: estimate.ci?.[0], high: estimate.ci?.[1], series: name })), title: 'Coverage of the front', xTitle: '', yTitle: 'share of the joint hypervolume', format: '.0%' },
          table: [['method', 'mean', 'interval', ...measured.map(({ seed }) => `seed ${seed}`)], ...rows.map(({ name, estimate }) => [name, percent(estimate.mean), estimate.ci ? estimate.ci.map(percent).join(' … ') : '–', ...coverages.map((coverage) => percent(methods[name]!(coverage, experts)))])],
        },
        frontsSection(measured),
      ],
    };
  },
});

/** Soups and MORL over the first two rewards, seed by seed. */
function frontsSection(measured: readonly MeasuredCell[]): StudySection {
  const rewards = drawnRewards(measured[0]!.points);
  const ofKind = ({ points }: MeasuredCell, ...kinds: string[]) => points.filter(({ kind }) => kinds.includes(kind));
  const points = measured.flatMap((cell) => frontPoints(`seed ${cell.seed}`, { soups: ofKind(cell, 'expert', 'soup'), MORL: ofKind(cell, 'morl') }));
  return {
    heading: 'Fronts',
    note: `Every measured point over ${rewards.join(' and ')}; lines join what no point of the same method dominates.`,
    chart: { type: 'fronts', points: points, rewards, title: 'Soups and MORL' },
    table: [['seed', 'method', 'point', ...rewards, 'on its front'], ...points.map(({ panel, series, name, first, second, isOnFront }) => [panel, series, name, first.toPrecision(4), second.toPrecision(4), isOnFront ? 'yes' : 'no'])],
  };
}
