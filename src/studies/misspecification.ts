import * as z from 'zod';
import { expertsOf } from '../experiment/experts';
import type { Experiment } from '../experiment/schema';
import { heldOut, type HeldOutChoice } from './held-out';
import { leaningRuns } from './scalarisations';
import { estimateOverSeeds, estimateText, isAbove, plain, signed } from './seed-estimate';
import { defineStudy, studySettings, type StudySettings } from './study';

interface Settings extends StudySettings {
  readonly truth: string;
}

const truthName = 'truth';

/** What each way of choosing a policy chose in one seed, by its name; null where it had nothing to choose from. */
type Choices = Readonly<Record<string, HeldOutChoice | null>>;

/** Experts as the file has them, written out: a reward that is added must not become an expert. */
export function writtenOutExperts(experiment: Experiment): Experiment['experts'] {
  return Object.fromEntries(expertsOf(experiment).map(({ name, reward, overrides }) => [name, { reward, ...overrides }]));
}

/**
 * The user's true reward is none of the proxies that experts were trained on (Ramé et al. 2023, section 2.2): λ is chosen
 * after training on validation episodes, and every choice is measured on test episodes.
 */
export const misspecification = defineStudy<Settings>({
  type: 'misspecification',
  settings: studySettings('misspecification', 'A true reward that no training has seen: the best λ against each single policy and MORL at the same budget.', {
    truth: z.string().min(1).describe('The true reward: an expression over rewards and metrics, which need not be linear in them.'),
  }),
  expressions: ({ truth }) => ({ truth }),
  cells: (experiment, { truth }) => [{ name: 'proxies', overrides: { rewards: { ...experiment.rewards, [truthName]: truth }, experts: writtenOutExperts(experiment), morl: leaningRuns(experiment) } }],
  compare(measured, _settings, { alpha }) {
    const choices = measured.map(({ points }): Choices => {
      const among = (...kinds: string[]) => heldOut(points.filter(({ kind }) => kinds.includes(kind)), truthName);
      const singles = points.filter(({ kind }) => kind === 'expert' || kind === 'morl').map((point) => [`${point.kind === 'morl' ? 'MORL' : 'expert'} ${point.name}`, heldOut([point], truthName)] as const);
      return { 'best λ': among('soup', 'expert'), 'uniform soup': heldOut(points.filter(({ weights, kind }) => kind === 'soup' && isUniform(weights)), truthName), 'best single expert': among('expert'), 'best MORL run': among('morl'), base: among('init'), ...Object.fromEntries(singles) };
    });
    const present = Object.keys(choices[0]!).filter((name) => choices.every((choice) => choice[name] !== null));
    const over = (value: (choice: Choices) => number) => estimateOverSeeds(choices.map(value), alpha);
    const against = (rival: 'best single expert' | 'best MORL run') => over((choice) => choice['best λ']!.test - choice[rival]!.test);
    const [single, morl] = [against('best single expert'), against('best MORL run')];
    const rows = present.map((name) => ({ name, estimate: over((choice) => choice[name]!.test) }));
    return {
      findings: [
        { question: 'Does the best λ earn more of the true reward than the best single expert?', answer: isAbove(single, 0), evidence: `by ${estimateText(single, signed)} on test episodes`, estimate: single },
        { question: 'Does it earn more than the best MORL run of the same number of trainings?', answer: isAbove(morl, 0), evidence: `by ${estimateText(morl, signed)} on test episodes`, estimate: morl },
      ],
      sections: [{
        heading: 'The true reward of what validation chose',
        note: 'Each method chooses its point on the first half of the episodes and is measured on the second half, so no value is optimistic. MORL has as many trainings as there are experts. Below, each single policy by itself.',
        chart: { type: 'intervals', points: rows.map(({ name, estimate }) => ({ x: name, y: estimate.mean, low: estimate.ci?.[0], high: estimate.ci?.[1], series: name })), title: 'True reward on test episodes', xTitle: '', yTitle: 'true reward' },
        table: [['method', 'mean', 'interval', ...measured.map(({ seed }) => `seed ${seed}`)], ...rows.map(({ name, estimate }) => [name, plain(estimate.mean), estimate.ci ? estimate.ci.map(plain).join(' … ') : '–', ...choices.map((choice) => `${plain(choice[name]!.test)} (${choice[name]!.point.name})`)])],
      }],
    };
  },
});

function isUniform(weights: Readonly<Record<string, number>> | null): boolean {
  const values = Object.values(weights ?? {});
  return values.every((value) => Math.abs(value - 1 / values.length) < 1e-6);
}
