import * as z from 'zod';
import { simplexGridSize } from '../experiment/simplex-grid';
import { coverageOf } from './coverage';
import { morlCells, type MorlGridSettings } from './morl-baseline';
import { estimateOverSeeds, estimateText, isAbove, percent, plain, type SeedEstimate } from './seed-estimate';
import { defineStudy, studySettings, type MeasuredCell, type StudySection } from './study';

interface Settings extends MorlGridSettings {
  readonly watts: number;
}

/** What a front of one method took in one seed. */
interface Bill {
  readonly trainings: number;
  readonly points: number;
  readonly seconds: number;
  readonly share: number;
}

interface Bills {
  readonly seed: number;
  readonly soups: Bill;
  /** by number of trainings, the mean choice of them */
  readonly morl: readonly Bill[];
  /** the first of `morl` that covers as much as the soups; null where none does */
  readonly even: Bill | null;
  readonly training: number;
  readonly evaluation: number;
}

/** Trainings, device seconds and energy that soups of N experts and MORL of M trainings need for the same coverage. */
export const resourceEfficiency = defineStudy<Settings>({
  type: 'resource-efficiency',
  settings: studySettings('resource-efficiency', 'Trainings, device-seconds and energy of soups against MORL for the same coverage of the front.', {
    grid: z.int().min(3).describe('Points of the grid of μ on each edge of the simplex, ends included; the ends are the experts.').default(7),
    watts: z.number().positive().describe('Power that is assumed while one device (a processor core, or a GPU) computes; it is not measured.').default(15),
  }),
  cells: morlCells,
  compare(measured, { watts }, { alpha }) {
    const bills = measured.map(billsOf);
    const experts = bills[0]!.soups.trainings;
    const most = bills[0]!.morl.length;
    // where MORL never gets there, all its trainings are a lower bound of what it would need
    const ratio = estimateOverSeeds(bills.map(({ soups, morl, even }) => (Number.isNaN(soups.share) ? NaN : (even ?? morl.at(-1)!).seconds / soups.seconds)), alpha);
    const never = bills.filter(({ soups, even }) => even === null && !Number.isNaN(soups.share)).length;
    const energy = (seconds: number) => `${plain(seconds * watts)} J`;
    const row = (name: string, pick: (one: Bills) => Bill | null) => {
      const own = bills.map(pick).filter((bill) => bill !== null);
      const over = (value: (bill: Bill) => number): SeedEstimate | null => (own.length > 0 ? estimateOverSeeds(own.map(value), alpha) : null);
      const text = (value: (bill: Bill) => number, format = plain) => (own.length > 0 ? estimateText(over(value)!, format) : '–');
      return [name, text(({ trainings }) => trainings), text(({ points }) => points), text(({ seconds }) => seconds), own.length > 0 ? energy(over(({ seconds }) => seconds)!.mean) : '–', text(({ share }) => share, percent)];
    };
    return {
      findings: [{
        question: `Do soups of ${experts} experts cost fewer device-seconds than MORL for the same coverage?`,
        answer: isAbove(ratio, 1), estimate: ratio,
        evidence: `MORL needs ${estimateText(ratio, plain)} times the device-seconds${never > 0 ? `; in ${never} of ${bills.length} seeds its ${most} trainings do not cover as much, and count as what it needs at least` : ''}`,
      }],
      sections: [
        {
          heading: 'Coverage against cost',
          note: `Device-seconds of trainings and of evaluating the points, without the base that both start from: processor seconds on a CPU. Energy takes ${watts} W for as long, an assumption. A smaller number of MORL trainings stands for all choices of so many, on average.`,
          chart: { type: 'intervals', points: bills.flatMap(({ seed, soups, morl }) => [{ x: soups.seconds, y: soups.share, series: `soups, seed ${seed}` }, ...morl.map(({ seconds, share }) => ({ x: seconds, y: share, series: `MORL, seed ${seed}` }))]), title: 'Coverage against cost', xTitle: 'device-seconds', yTitle: 'share of the joint hypervolume', isLine: true, format: '.0%' },
          table: [['method', 'trainings', 'points', 'device-seconds', 'energy (assumed power)', 'coverage'], row('soups', ({ soups }) => soups), row('MORL, all trainings', ({ morl }) => morl.at(-1)!), row('MORL, as many trainings as experts', ({ morl }) => morl[experts - 1]!), row('MORL, first to cover as much as soups', ({ even }) => even)],
        },
        breakEven(bills),
      ],
    };
  },
});

function billsOf({ seed, points, costs, secondsPerPoint }: MeasuredCell): Bills {
  const coverage = coverageOf(points);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const expertSeconds = costs.filter(({ kind }) => kind === 'expert').map(({ deviceSeconds }) => deviceSeconds);
  const training = mean(costs.filter(({ kind }) => kind !== 'base').map(({ deviceSeconds }) => deviceSeconds));
  const evaluated = points.filter(({ kind }) => kind === 'soup' || kind === 'expert').length;
  const soups = { trainings: expertSeconds.length, points: evaluated, seconds: expertSeconds.reduce((sum, value) => sum + value, 0) + evaluated * secondsPerPoint, share: coverage.soups };
  const morl = coverage.morlByTrainings.map((share, index): Bill => ({ trainings: index + 1, points: index + 1, seconds: (index + 1) * (training + secondsPerPoint), share }));
  return { seed, soups, morl, even: morl.find(({ share }) => share >= soups.share) ?? null, training, evaluation: secondsPerPoint };
}

const resolutions = [3, 5, 11] as const;

/** What a grid of points costs each method, from the measured cost of a training and of an evaluation: arithmetic, no measurement. */
function breakEven(bills: readonly Bills[]): StudySection {
  const mean = (value: (one: Bills) => number) => bills.reduce((sum, one) => sum + value(one), 0) / bills.length;
  const [training, evaluation] = [mean((one) => one.training), mean((one) => one.evaluation)];
  const rows = resolutions.flatMap((edge) => [2, 3, 4, 5].map((rewards) => {
    const points = simplexGridSize(rewards, edge);
    const [soups, morl] = [rewards * training + points * evaluation, points * (training + evaluation)];
    return { edge, rewards, points, soups, morl, ratio: morl / soups };
  }));
  return {
    heading: 'Break-even over N and M',
    note: `What a front of M points, evenly spaced over the simplex of N rewards, would cost, with the ${plain(training)} device-seconds of a training and the ${plain(evaluation)} of an evaluation measured here. MORL trains M times and soups N times, so soups are cheaper as soon as M > N; whether the fronts are as good is the other section's question.`,
    chart: { type: 'intervals', points: rows.map(({ edge, rewards, ratio }) => ({ x: rewards, y: ratio, series: `${edge} points an edge` })), title: 'Cost of MORL over cost of soups', xTitle: 'rewards N', yTitle: 'times the device-seconds', isLine: true, reference: 1 },
    table: [['points an edge', 'N', 'M', 'soups, device-seconds', 'MORL, device-seconds', 'MORL ÷ soups'], ...rows.map(({ edge, rewards, points, soups, morl, ratio }) => [String(edge), String(rewards), String(points), plain(soups), plain(morl), plain(ratio)])],
  };
}
