import type { Interval } from './bootstrap';
import type { EqualCompute } from './equal-compute';
import type { FrontPoint, FrontReport } from './results';
import { pointText } from './simplex';
import { number, signed } from './verdict-text';

const interval = (ci: Interval | null | undefined, show = number): string => (ci ? `, interval ${show(ci[0])} to ${show(ci[1])}` : '');
const steps = (count: number): string => Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 }).format(count);

/** What calls the points that dominate another as everything else calls them: the report has their names. */
export function dominatingTexts({ points }: FrontReport): (point: Pick<FrontPoint, 'dominatedBy'>) => string[] {
  const texts = new Map(points.map((point) => [point.name, pointText(point)]));
  return ({ dominatedBy }) => dominatedBy.map((name) => texts.get(name) ?? name);
}

/** Hypervolumes with their intervals, how the two fronts compare, and what equal compute buys, a line each; what is missing for it is said. */
export function frontText({ reference, hypervolume: { soup, morl }, intervals, comparison, equalCompute }: FrontReport): string[] {
  const at = Object.entries(reference).map(([reward, value]) => `${reward} ${number(value)}`).join(', ');
  return [
    `Hypervolume above ${at}: soups and experts ${number(soup)}${interval(intervals?.soup)}${morl === null ? '; no MORL run was evaluated' : `; MORL ${number(morl)}${interval(intervals?.morl)}`}.`,
    ...(intervals?.difference ? [`Soups less MORL: ${signed(intervals.difference.estimate)}${interval(intervals.difference.ci, signed)}.`] : []),
    ...(comparison ? [`Short of the other front, rewards scaled to their range (0 covers it): soups IGD⁺ ${number(comparison.igdPlus.soup)}, ε ${number(comparison.epsilon.soup)}; MORL IGD⁺ ${number(comparison.igdPlus.morl)}, ε ${number(comparison.epsilon.morl)}.`] : []),
    ...(equalCompute ? [equalComputeText(equalCompute)] : morl === null ? [] : ['What the points cost is not known (columns c:training and c:evaluation): no comparison at equal compute.']),
    ...(intervals ? [] : ['The points hold no paired samples, or not equally many: the volumes rest on the means alone, without intervals.']),
  ];
}

function equalComputeText({ soup, morl, runsToMatch, allMorl }: EqualCompute): string {
  const trainings = (count: number) => `${count} training${count === 1 ? '' : 's'}`;
  const match = runsToMatch === null ? `all ${allMorl.trainings} scalarised runs, ${steps(allMorl.compute)} steps, do not reach the soups' volume` : `the soups' volume takes ${runsToMatch} scalarised runs at least`;
  return `At equal compute: ${trainings(soup.trainings)} and ${soup.points} soups reach ${number(soup.hypervolume)} in ${steps(soup.compute)} steps, evaluations counted; the best ${trainings(morl.trainings)} that fit into that reach ${number(morl.hypervolume)}; ${match}.`;
}
