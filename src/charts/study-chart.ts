import type { TopLevelSpec } from 'vega-lite';
import { frontsSpec, type FrontsChart } from './fronts';
import { intervalsSpec, type IntervalsChart } from './intervals';
import type { ChartOptions } from './theme';

/** What a study draws, as data: the report and the panel make the same specification of it. */
export type StudyChart = IntervalsChart | FrontsChart;

type Specs = { readonly [T in StudyChart['type']]: (chart: Extract<StudyChart, { readonly type: T }>, options: ChartOptions) => TopLevelSpec };
const specs: Specs = { intervals: intervalsSpec, fronts: frontsSpec };

/** The Vega-Lite specification of a study's chart. */
export function studyChartSpec(chart: StudyChart, options: ChartOptions): TopLevelSpec {
  return (specs[chart.type] as (chart: StudyChart, options: ChartOptions) => TopLevelSpec)(chart, options);
}
