import * as z from 'zod';
import { heldOut } from './held-out';
import { writtenOutExperts } from './misspecification';
import { estimateOverSeeds, estimateText, isAbove, plain, signedPercent } from './seed-estimate';
import { defineStudy, studySettings, type MeasuredCell, type StudySettings } from './study';

interface Settings extends StudySettings {
  readonly targets: Readonly<Record<string, string>>;
  readonly tolerance: number;
}

/**
 * Non-linear and hierarchical rewards (open question 3 of Ramé et al. 2023): the λ that validation chooses for a target
 * among soups of experts on simple rewards, against a training on the target itself from the same base.
 */
export const nonlinearRewards = defineStudy<Settings>({
  type: 'nonlinear-rewards',
  settings: studySettings('nonlinear-rewards', 'Whether a λ can fit rewards that are not linear in the experts\' rewards, against training on them.', {
    targets: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string().min(1).describe('An expression over rewards and metrics.')).describe('Target rewards by name: expressions over rewards and metrics, such as min(fast, frugal) or `velocity > 1 ? -energy : velocity`.'),
    tolerance: z.number().min(0).describe('How far below the training on the target a soup may stay and still count as a fit, as a share of what the target spans over all measured points.').default(0.05),
  }),
  expressions: ({ targets }) => Object.fromEntries(Object.entries(targets).map(([name, text]) => [`targets.${name}`, text])),
  cells(experiment, { targets }) {
    const experts = writtenOutExperts(experiment);
    const rewards = { ...experiment.rewards, ...targets };
    return [
      { name: 'soups', overrides: { rewards, experts } },
      // the experts are the same trainings: a sweep needs two, and every point is measured on the same episodes
      { name: 'direct', overrides: { rewards, experts: { ...experts, ...Object.fromEntries(Object.keys(targets).map((name) => [name, { reward: name }])) }, sweep: { grid: 2 } } },
    ];
  },
  compare(measured, { targets, tolerance }, { alpha }) {
    const bySeed = [...new Set(measured.map(({ seed }) => seed))].map((seed) => {
      const of = (cell: string) => measured.find((one) => one.cell === cell && one.seed === seed)!;
      return { seed, soups: of('soups'), direct: of('direct') };
    });
    const rows = Object.keys(targets).map((target) => {
      const outcomes = bySeed.map(({ soups, direct }) => outcomeOf(target, soups, direct));
      const over = (value: (outcome: (typeof outcomes)[number]) => number) => estimateOverSeeds(outcomes.map(value), alpha);
      return { target, outcomes, difference: over(({ soup, trained, span }) => (soup - trained) / span), soup: over(({ soup }) => soup), trained: over(({ trained }) => trained), expert: over(({ expert }) => expert) };
    });
    const methods = [['best λ', 'soup'], ['trained on the target', 'trained'], ['best single expert', 'expert']] as const;
    return {
      findings: rows.map(({ target, difference }) => ({
        question: `Does a λ fit ${target} as well as a training on it does (within ${(100 * tolerance).toFixed(0)} % of its span)?`,
        answer: isAbove(difference, -tolerance), evidence: `the soup is ${estimateText(difference, signedPercent)} of the span from the trained policy`, estimate: difference,
      })),
      sections: [{
        heading: 'Soups against trainings on the target',
        note: 'λ is chosen on the first half of the episodes; every value is of the second half.',
        chart: { type: 'intervals', points: rows.flatMap((row) => methods.map(([series, key]) => ({ x: row.target, y: row[key].mean, low: row[key].ci?.[0], high: row[key].ci?.[1], series }))), title: 'Target rewards on test episodes', xTitle: '', yTitle: 'target reward' },
        table: [['target', 'is', ...methods.map(([name]) => name), 'chosen λ, seed by seed'], ...rows.map((row) => [row.target, targets[row.target]!, ...methods.map(([, key]) => estimateText(row[key], plain)), row.outcomes.map(({ chosen }) => chosen).join('; ')])],
      }],
    };
  },
});

function outcomeOf(target: string, soups: MeasuredCell, direct: MeasuredCell) {
  const chosen = heldOut(soups.points.filter(({ kind }) => kind === 'soup' || kind === 'expert'), target)!;
  const trained = heldOut(direct.points.filter(({ kind, name }) => kind === 'expert' && name === target), target)!;
  const expert = heldOut(soups.points.filter(({ kind }) => kind === 'expert'), target)!;
  const values = [...soups.points, ...direct.points].map(({ rewards }) => rewards[target]!.mean);
  return { soup: chosen.test, trained: trained.test, expert: expert.test, chosen: chosen.point.name, span: Math.max(...values) - Math.min(...values) || NaN };
}
