import * as z from 'zod';
import { hypervolume } from '../analysis/hypervolume';
import type { ResultPoint } from '../analysis/results';
import { expertsOf } from '../experiment/experts';
import { marginAnswer, marginsOverSeeds } from './cell-margins';
import { meansOf, referenceOf } from './coverage';
import { drawnRewards, frontPoints } from './front-points';
import { cellTable, heldText } from './lmc-stress';
import { estimateOverSeeds, estimateText, isAbove, percent, signedPercent } from './seed-estimate';
import { defineStudy, studySettings, type StudySettings } from './study';

interface Settings extends StudySettings {
  readonly from?: string;
  readonly to?: string;
  readonly times: readonly number[];
}

const nameOf = (time: number): string => `t${Math.round(100 * time)}`;

/**
 * Rewards that drift while a policy is trained (open question 2 of Ramé et al. 2023): one training on (1 − t) · from + t · to,
 * its policies at several times t as the experts of a soup, beside the stationary experts.
 */
export const nonStationary = defineStudy<Settings>({
  type: 'non-stationary',
  settings: studySettings('non-stationary', 'A reward that drifts during training: soups between the times of one training, against soups of experts on fixed rewards.', {
    from: z.string().min(1).describe('The reward at the start of the drift, an expression over rewards and metrics. Default: the first expert\'s.').optional(),
    to: z.string().min(1).describe('The reward at the end of the drift. Default: the second expert\'s.').optional(),
    times: z.array(z.number().gt(0).lt(1)).min(1).describe('Times, as shares of the training, at which the policy is kept and becomes an expert; the end, 1, is one as well.').default([0.3, 0.6]),
  }),
  expressions: ({ from, to }) => ({ ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }),
  cells(experiment, { from, to, times }) {
    const [first, second] = expertsOf(experiment).map(({ reward }) => reward);
    const drift = `(1 - progress) * (${from ?? first}) + progress * (${to ?? second})`;
    const end = nameOf(1);
    const grid = Math.min(experiment.sweep.grid, times.length > 1 ? 6 : experiment.sweep.grid);
    return [
      { name: 'drifting', overrides: { experts: { ...Object.fromEntries(times.map((at) => [nameOf(at), { of: end, at }])), [end]: { reward: drift } }, sweep: { grid } } },
      { name: 'stationary', overrides: {} },
    ];
  },
  compare(measured, _settings, { experiment, alpha }) {
    const of = (cell: string) => measured.filter((one) => one.cell === cell);
    const cells = marginsOverSeeds(measured, experiment, alpha);
    const drifting = cells.find(({ cell }) => cell === 'drifting')!;
    const shares = of('drifting').map(({ seed, points }) => sharesOf(points, measured.find((one) => one.cell === 'stationary' && one.seed === seed)!.points));
    const over = (value: (share: (typeof shares)[number]) => number) => estimateOverSeeds(shares.map(value), alpha);
    const difference = over(({ drift, stationary }) => drift - stationary);
    const gain = over(({ drift, times }) => drift - times);
    const rewards = drawnRewards(measured[0]!.points);
    const series: Readonly<Record<string, string>> = { drifting: 'soups of times', stationary: 'soups of fixed experts' };
    const points = measured.flatMap(({ cell, seed, points: own }) => frontPoints(`seed ${seed}`, { [series[cell]!]: own.filter(({ kind }) => kind === 'soup' || kind === 'expert') }));
    return {
      findings: [
        { question: 'Are the times of one drifting training linearly connected?', answer: marginAnswer(drifting), evidence: `the lowest mean margin is ${estimateText(drifting.lowest, signedPercent)} of the reward's span; ${heldText([drifting])}`, estimate: drifting.lowest },
        { question: 'Do soups of times cover as much of the front as soups of experts on fixed rewards?', answer: isAbove(difference, 0), evidence: `one training against ${expertsOf(experiment).length}: the share of the joint hypervolume differs by ${estimateText(difference, signedPercent)}; soups between times add ${estimateText(gain, signedPercent)} to the kept policies alone`, estimate: difference },
      ],
      sections: [
        {
          heading: 'Fronts of times and of fixed experts',
          note: 'One training on a drifting reward, its policies at several times blended; beside it the experts trained on the fixed rewards.',
          chart: { type: 'fronts', points: points, rewards, title: 'Soups of times and of fixed experts' },
          table: [['share of the joint hypervolume', 'mean', ...of('drifting').map(({ seed }) => `seed ${seed}`)], ...(['drift', 'times', 'stationary'] as const).map((key) => [{ drift: 'soups of times', times: 'the kept policies alone', stationary: 'soups of fixed experts' }[key], estimateText(over((share) => share[key]), percent), ...shares.map((share) => percent(share[key]))])],
        },
        { heading: 'Margins', note: 'Mean margins over the inner λ, as shares of what each reward spans over base and experts.', chart: { type: 'fronts', points: points.filter(({ series: name }) => name === series.drifting), rewards, title: 'Soups of times' }, table: cellTable(cells) },
      ],
    };
  },
});

/** Hypervolume shares of both fronts and of the kept policies alone, above the reference of all. */
function sharesOf(drifting: readonly ResultPoint[], stationary: readonly ResultPoint[]) {
  const isBlended = ({ kind }: ResultPoint) => kind === 'soup' || kind === 'expert';
  const [ofDrift, ofFixed] = [drifting.filter(isBlended), stationary.filter(isBlended)];
  const reference = referenceOf([...ofDrift, ...ofFixed]);
  const volume = (points: readonly ResultPoint[]) => hypervolume(points.map(meansOf), reference);
  const total = volume([...ofDrift, ...ofFixed]) || NaN;
  return { drift: volume(ofDrift) / total, times: volume(ofDrift.filter(({ kind }) => kind === 'expert')) / total, stationary: volume(ofFixed) / total };
}
