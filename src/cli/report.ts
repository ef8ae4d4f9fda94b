import { Command } from 'commander';
import path from 'node:path';
import { paretoFront } from '../analysis/front';
import { checkLmc } from '../analysis/lmc';
import { SoupError } from '../errors';
import { writeReport } from '../report/report';
import { pointsOf } from './results-source';

export function reportCommand(): Command {
  return new Command('report')
    .description('Write an HTML report with the LMC check, the front and the spider map.')
    .argument('<results>', 'experiment file, results.csv, results.jsonl or a run directory')
    .option('-o, --output <directory>', 'where to write it; an experiment has report/ beside its runs')
    .action(async (source: string, options: { output?: string }) => {
      const { points, title, runs, check, reference } = await pointsOf(source);
      const output = options.output ?? (runs ? path.join(runs, 'report') : null);
      if (!output) throw new SoupError('OptionError', 'say where to write the report: -o DIR');
      const hasSoups = points.some(({ kind }) => kind === 'soup');
      const index = await writeReport({ title, points, lmc: hasSoups ? checkLmc(points, check) : null, front: paretoFront(points, { reference, alpha: check.alpha, seed: check.seed }), output });
      process.stdout.write(`${index}\n`);
    });
}
