import { Command } from 'commander';
import { diagnose, findingLine } from '../analysis/diagnosis';
import { paretoFront } from '../analysis/front';
import { checkLmc } from '../analysis/lmc';
import { weightsVersusPredictions } from '../analysis/predictions';
import { predictionsText } from '../analysis/predictions-text';
import { verdictText } from '../analysis/verdict-text';
import { numberOption } from './options';
import { evidenceOf, pointsOf } from './results-source';
import { variantDescription, withVariantOptions, type VariantOptions } from './variant-options';

export function checkCommand(): Command {
  return withVariantOptions(new Command('check'), variantDescription)
    .description('Check linear mode connectivity: is every soup above the chord between its experts? And what else is wrong.')
    .argument('<results>', 'experiment file, results.csv, results.jsonl or a run directory')
    .option('--json', 'print one JSON object')
    .option('--alpha <level>', 'level of intervals and tests', numberOption('alpha', { above: 0, below: 1 }))
    .option('--tolerance <reward>', 'how far below the chord still counts as connected', numberOption('tolerance', { from: 0 }))
    .action(async (source: string, options: VariantOptions & { json?: boolean; alpha?: number; tolerance?: number }) => {
      const found = await pointsOf(source, options);
      const { points, check, reference } = found;
      const report = checkLmc(points, { ...check, ...(options.alpha === undefined ? {} : { alpha: options.alpha }), ...(options.tolerance === undefined ? {} : { tolerance: options.tolerance }) });
      const evidence = await evidenceOf(found);
      const findings = diagnose({ points, lmc: report, front: paretoFront(points, { reference, resamples: 0 }), ...evidence });
      const predictions = weightsVersusPredictions(points, { ...check, comparison: evidence.weights });
      if (options.json) return void process.stdout.write(`${JSON.stringify({ ...report, findings, ...(predictions ? { predictions } : {}) })}\n`);
      process.stdout.write(`${[...verdictText(report), ...(predictions ? [predictionsText(predictions)] : []), ...findings.map(findingLine)].join('\n')}\n`);
    });
}
