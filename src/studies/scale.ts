import * as z from 'zod';
import type { Experiment } from '../experiment/schema';
import type { TextTask } from '../experiment/tasks/text';
import { marginAnswer, marginsOverSeeds } from './cell-margins';
import { cellTable, heldText } from './lmc-stress';
import { estimateOverSeeds, estimateText, isAbove, signedPercent } from './seed-estimate';
import { defineStudy, studySettings, type Cell, type StudySettings } from './study';

type Sizes = Readonly<Record<string, number>>;

interface Settings extends StudySettings {
  readonly hidden?: readonly (readonly number[])[];
  readonly models?: readonly Sizes[];
}

/** Whether larger policies are more or less linearly connected (open question 1 of Ramé et al. 2023). */
export const scale = defineStudy<Settings>({
  type: 'scale',
  settings: studySettings('scale', 'The LMC margin against width, depth and number of parameters of the policy or model.', {
    hidden: z.array(z.array(z.int().min(1)).min(1)).min(2).describe('For locomotion: hidden layers of each size of policy, lists of widths such as [[16, 16], [64, 64], [64, 64, 64]].').optional(),
    models: z.array(z.record(z.string().regex(/^[A-Za-z_]\w*$/), z.int().min(1))).min(2).describe('For text: what each size of model has in place of `task.model.create`, such as [{ hidden_size: 32, num_hidden_layers: 1 }, { hidden_size: 64, num_hidden_layers: 2 }].').optional(),
  }),
  requires({ task }, { hidden, models }) {
    if ((hidden === undefined) === (models === undefined)) return 'scale: give either `hidden`, for locomotion, or `models`, for text';
    if (models && (task.type !== 'text' || typeof task.model !== 'object')) return 'scale.models: sizes are laid over the model that task.model creates';
    return hidden && task.type !== 'locomotion' ? 'scale.hidden: a language model has its sizes in `models`' : null;
  },
  cells: (experiment, { hidden = [], models = [] }) => [...hidden.map(ofPolicy), ...models.map((sizes) => ofModel(experiment, sizes))],
  compare(measured, _settings, { experiment, alpha }) {
    const cells = marginsOverSeeds(measured, experiment, alpha);
    const seeds = [...new Set(measured.map(({ seed }) => seed))];
    const slope = estimateOverSeeds(seeds.map((seed) => leastSquaresSlope(cells.map(({ parameters, runs }) => [Math.log2(parameters), runs.find((run) => run.seed === seed)!.lowest]))), alpha);
    const broken = cells.filter((cell) => marginAnswer(cell) === 'no').map(({ cell }) => cell);
    const undecided = cells.filter((cell) => marginAnswer(cell) === 'undecided').map(({ cell }) => cell);
    return {
      findings: [
        { question: 'Is every size linearly connected?', answer: broken.length > 0 ? 'no' : undecided.length > 0 ? 'undecided' : 'yes', evidence: [...(broken.length > 0 ? [`not ${broken.join(', ')}`] : []), ...(undecided.length > 0 ? [`undecided at ${undecided.join(', ')}`] : []), heldText(cells)].join('; '), estimate: null },
        { question: 'Does the margin grow with the number of parameters?', answer: isAbove(slope, 0), evidence: `by ${estimateText(slope, signedPercent)} of the reward's span for each doubling`, estimate: slope },
      ],
      sections: [{
        heading: 'Margin against size',
        note: 'The lowest of the rewards\' mean margins over the inner λ, as a share of what the reward spans over base and experts. The slope is a least-squares line a seed.',
        chart: { type: 'intervals', points: cells.map(({ cell, parameters, lowest }) => ({ x: parameters, y: lowest.mean, low: lowest.ci?.[0], high: lowest.ci?.[1], series: cell })), title: 'Margin against size', xTitle: 'parameters that act', yTitle: 'lowest mean margin (share of span)', reference: 0, isLogarithmic: true, format: '.0%' },
        table: cellTable(cells),
      }],
    };
  },
});

function ofPolicy(widths: readonly number[]): Cell {
  return { name: `hidden-${widths.join('-')}`, overrides: { train: { hidden: [...widths] }, base: { hidden: [...widths] } } };
}

function ofModel({ task }: Experiment, sizes: Sizes): Cell {
  const { create, tokenizer } = (task as TextTask).model as Exclude<TextTask['model'], string | undefined>;
  return { name: Object.entries(sizes).map(([key, value]) => `${key}-${value}`).join('-'), overrides: { task: { model: { create: { ...create, ...sizes }, tokenizer } } } };
}

/** Slope of the line through points by least squares; 0 where x does not vary. */
export function leastSquaresSlope(points: readonly (readonly [number, number])[]): number {
  const mean = (at: 0 | 1) => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const spread = points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
  return spread === 0 ? 0 : points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0) / spread;
}
