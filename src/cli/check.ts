import { Command } from 'commander';
import { checkLmc } from '../analysis/lmc';
import { verdictText } from '../analysis/verdict-text';
import { numberOption } from './options';
import { pointsOf } from './results-source';

export function checkCommand(): Command {
  return new Command('check')
    .description('Check linear mode connectivity: is every soup above the chord between its experts?')
    .argument('<results>', 'experiment file, results.csv, results.jsonl or a run directory')
    .option('--json', 'print one JSON object')
    .option('--alpha <level>', 'level of intervals and tests', numberOption('alpha', { above: 0, below: 1 }))
    .option('--tolerance <reward>', 'how far below the chord still counts as connected', numberOption('tolerance', { from: 0 }))
    .action(async (source: string, options: { json?: boolean; alpha?: number; tolerance?: number }) => {
      const { points, check } = await pointsOf(source);
      const report = checkLmc(points, { ...check, ...(options.alpha === undefined ? {} : { alpha: options.alpha }), ...(options.tolerance === undefined ? {} : { tolerance: options.tolerance }) });
      if (options.json) return void process.stdout.write(`${JSON.stringify(report)}\n`);
      process.stdout.write(`${verdictText(report).join('\n')}\n`);
    });
}
