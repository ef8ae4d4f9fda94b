import * as z from 'zod';
import type { Experiment, ExperimentOverrides, TrainOverrides } from '../experiment/schema';
import { trainsBase } from '../experiment/settings';
import { isEstablished, marginAnswer, marginsOverSeeds, marginText, type CellMargins } from './cell-margins';
import { estimateOverSeeds, estimateText, isAbove, plain, signedPercent, type SeedEstimate } from './seed-estimate';
import { spearman } from './spearman';
import { defineStudy, studySettings, type Cell, type StudySettings } from './study';

interface Settings extends StudySettings {
  readonly vary: { readonly angle?: readonly number[]; readonly steps?: readonly number[]; readonly learningRate?: readonly number[]; readonly loraRank?: readonly number[]; readonly initialisation?: readonly ('shared' | 'separate')[] };
}

type Vary = Required<Settings['vary']>;

/** What each value of a factor lays over the experiment. Adding a factor takes one entry here and one in the schema. */
const factors: { readonly [F in keyof Vary]: (value: Vary[F][number], experiment: Experiment) => ExperimentOverrides } = {
  angle: (degrees, { rewards }) => ({ rewards: turned(rewards, degrees) }),
  steps: (steps, experiment) => ({ train: { steps }, ...baseKeeps(experiment, 'steps') }),
  learningRate: (learningRate, experiment) => ({ train: { learningRate }, ...baseKeeps(experiment, 'learningRate') }),
  loraRank: (rank, { train }) => ({ train: { lora: { rank, alpha: scaledAlpha(loraOf(train)!, rank) } } }),
  initialisation: (kind) => (kind === 'shared' ? {} : { base: { shared: false } }),
};

/** The setting of `train` that a factor changes. */
const settingOf: Readonly<Partial<Record<keyof Vary, keyof TrainOverrides>>> = { steps: 'steps', learningRate: 'learningRate', loraRank: 'lora' };

/** An expert with a value of its own would not follow the factor. */
function ownSetting({ experts }: Experiment, vary: Settings['vary']): string | null {
  for (const factor of Object.keys(vary) as (keyof Vary)[]) {
    const setting = settingOf[factor];
    const [name] = Object.entries(experts).find(([, expert]) => setting !== undefined && expert[setting] !== undefined) ?? [];
    if (name !== undefined) return `vary.${factor}: experts.${name} has its own ${setting}, which would not vary: set it in train`;
  }
  return null;
}

interface Lora {
  readonly rank: number;
  readonly alpha: number;
  readonly rankStabilised: boolean;
}

/** The adapters that experts are trained as; null where there are none. */
function loraOf(train: Experiment['train']): Lora | null {
  return ('lora' in train ? (train.lora as Lora | null | undefined) : null) ?? null;
}

/** The α at which an adapter of another rank has the same scale, α / r or α / √r: the rank alone is varied, not the step. */
function scaledAlpha({ rank, alpha, rankStabilised }: Lora, to: number): number {
  return rankStabilised ? alpha * Math.sqrt(to / rank) : (alpha * to) / rank;
}

/** The base is trained as the file says, whatever becomes of the experts. */
function baseKeeps(experiment: Experiment, setting: 'steps' | 'learningRate'): ExperimentOverrides {
  const { base, train } = experiment;
  return trainsBase(experiment) && base.algorithm === undefined ? { base: { [setting]: base[setting] ?? train[setting] } } : {};
}

/**
 * Conflict as an angle: the second reward becomes cos φ · R₁ + sin φ · R₂, so that 0° is no conflict, 90° is the file's own
 * pair, and 180° the first reward against its opposite.
 */
function turned(rewards: Experiment['rewards'], degrees: number): Experiment['rewards'] {
  const [[, first], [name, second]] = Object.entries(rewards) as [[string, string], [string, string]];
  const [cos, sin] = [Math.cos, Math.sin].map((of) => Number(of((degrees * Math.PI) / 180).toFixed(6)));
  return { ...rewards, [name]: `${cos} * (${first}) + ${sin} * (${second})` };
}

/**
 * Where linear mode connectivity breaks: the file's setting, and from there one factor at a time (see `marginAnswer`); the
 * distance between the experts stands beside it.
 */
export const lmcStress = defineStudy<Settings>({
  type: 'lmc-stress',
  settings: studySettings('lmc-stress', 'Where linear mode connectivity breaks, one factor at a time, and at what distance between the experts.', {
    vary: z.strictObject({
      angle: z.array(z.number().min(0).max(180)).describe('Angles between the first two rewards in degrees: the second becomes cos φ · R₁ + sin φ · R₂, so 90 is the file\'s own pair.').optional(),
      steps: z.array(z.int().min(1)).describe('Steps of an expert\'s training: environment steps, or iterations with a language model.').optional(),
      learningRate: z.array(z.number().positive()).describe('Step sizes of an expert\'s training.').optional(),
      loraRank: z.array(z.int().min(1)).describe('Ranks of the experts\' LoRA adapters; α follows, so that their scale stays as the file has it.').optional(),
      initialisation: z.array(z.enum(['shared', 'separate'])).describe('`separate` trains a base of its own for each expert.').optional(),
    }).describe('Factors, and the values that each takes while the others stay as the file has them.'),
  }),
  requires(experiment, { vary }) {
    if (vary.angle && Object.keys(experiment.rewards).length < 2) return 'an angle lies between two rewards, but the experiment has one';
    if (vary.loraRank && loraOf(experiment.train) === null) return 'vary.loraRank: the experts are no LoRA adapters: set train.lora';
    return ownSetting(experiment, vary);
  },
  cells: (experiment, { vary }) => [{ name: 'as-is', overrides: {} }, ...Object.entries(vary).flatMap(([factor, values]) => (values as readonly (number | string)[]).map((value): Cell => ({
    name: cellName(factor, value),
    overrides: factors[factor as keyof Vary](value as never, experiment),
  })))],
  compare(measured, _settings, { experiment, alpha }) {
    const cells = marginsOverSeeds(measured, experiment, alpha);
    const broken = cells.filter((cell) => marginAnswer(cell) === 'no');
    const open = cells.filter((cell) => marginAnswer(cell) === 'undecided');
    const seeds = [...new Set(measured.map(({ seed }) => seed))];
    const correlation = withinOne(estimateOverSeeds(seeds.map((seed) => spearman(cells.flatMap(({ runs }) => runs.filter((run) => run.seed === seed).map((run): [number, number] => [run.distance, run.lowest])))), alpha));
    const falls = isAbove({ ...correlation, ci: correlation.ci && [-correlation.ci[1], -correlation.ci[0]], mean: -correlation.mean }, 0);
    return {
      findings: [
        {
          question: 'Does linear mode connectivity hold in every cell?', answer: broken.length > 0 ? 'no' : open.length > 0 ? 'undecided' : 'yes', estimate: null,
          evidence: [broken.length > 0 ? `it breaks at ${broken.map(described).join(', ')}` : `it breaks nowhere`, ...(open.length > 0 ? [`undecided at ${open.map(described).join(', ')}`] : []), heldText(cells)].join('; '),
        },
        { question: 'Does the margin fall as the experts move apart?', answer: falls, evidence: `the rank correlation of distance and lowest margin over the cells is ${estimateText(correlation, plain)}`, estimate: correlation },
      ],
      sections: [
        {
          heading: 'Margin against distance',
          note: 'Each point is a cell under one seed: the lowest of the rewards\' mean margins over the inner λ, as a share of what the reward spans over base and experts, against the largest distance ‖θ_a − θ_b‖ between two experts.',
          chart: { type: 'intervals', points: cells.flatMap(({ cell, runs }) => runs.map(({ distance, lowest }) => ({ x: distance, y: lowest, series: cell }))), title: 'Margin against distance', xTitle: 'largest distance between two experts', yTitle: 'lowest mean margin (share of span)', reference: 0, format: '.0%' },
          table: cellTable(cells),
        },
      ],
    };
  },
});

/** A correlation's interval ends where correlations end. */
function withinOne({ ci, ...estimate }: SeedEstimate): SeedEstimate {
  return { ...estimate, ci: ci && [Math.max(-1, ci[0]), Math.min(1, ci[1])] };
}

/** Where no seed has a margin below the chord, and where the intervals of the mean margins lie above it. */
export function heldText(cells: readonly CellMargins[]): string {
  const names = (of: readonly CellMargins[]) => of.map(({ cell }) => cell).join(', ');
  const held = cells.filter((cell) => marginAnswer(cell) === 'yes');
  const established = cells.filter(isEstablished);
  const where = held.length > 0 ? `no margin is below the chord in any seed at ${names(held)}` : 'every cell has a margin below the chord in some seed';
  return `${where}, and whole intervals are above it ${established.length > 0 ? `at ${names(established)}` : 'nowhere'}`;
}

const described = ({ cell, distance, lowest, worst }: CellMargins): string => `${cell} (mean margin ${signedPercent(lowest.mean)}, worst λ ${signedPercent(worst)}, distance ${plain(distance.mean)})`;
const cellName = (factor: string, value: number | string): string => `${factor}-${String(value)}`;

/** Cells with their margins by reward, their distance, and the verdicts of each seed's own episodes. */
export function cellTable(cells: readonly CellMargins[]): string[][] {
  const rewards = Object.keys(cells[0]!.byReward);
  return [
    ['cell', 'connected', ...rewards.map((reward) => `margin of ${reward}`), 'worst λ', 'distance', 'travel from the base', 'cosine', 'parameters', 'by episodes alone'],
    ...cells.map((cell) => [
      cell.cell, marginAnswer(cell), ...rewards.map((reward) => estimateText(cell.byReward[reward]!, signedPercent)), marginText(cell.worst), estimateText(cell.distance, plain), plain(cell.travel), cell.cosine === null ? '–' : plain(cell.cosine), String(cell.parameters), cell.runs.map(({ verdict }) => verdict).join(', '),
    ]),
  ];
}
