import { Command } from 'commander';
import path from 'node:path';
import { diagnose } from '../analysis/diagnosis';
import { paretoFront } from '../analysis/front';
import { checkLmc } from '../analysis/lmc';
import { weightsVersusPredictions } from '../analysis/predictions';
import { selectForReport } from '../analysis/selection';
import { SoupError } from '../errors';
import { loadExperiment } from '../experiment/parse';
import { writeReport } from '../report/report';
import { analyseStudy } from '../runs/analyse-study';
import { searchAnswers } from '../runs/search-answers';
import { workOf } from '../runs/work';
import { evidenceOf, pointsOf } from './results-source';
import { variantDescription, variantOf, withVariantOptions, type VariantOptions } from './variant-options';

export function reportCommand(): Command {
  return withVariantOptions(new Command('report'), variantDescription)
    .description('Write an HTML report with the LMC check, the diagnosis, the front, the selected soup and the spider map.')
    .argument('<results>', 'experiment file, results.csv, results.jsonl or a run directory')
    .option('-o, --output <directory>', 'where to write it; an experiment has report/ beside its runs')
    .option('--preference <expression>', 'what the selected soup is chosen for; default: the mean of the rewards')
    .action(async (source: string, options: VariantOptions & { output?: string; preference?: string }) => {
      if (/\.ya?ml$/.test(source)) {
        const work = workOf(await loadExperiment(source, { variant: variantOf(options) }), source);
        if (work.cells) return void process.stdout.write(`${(await analyseStudy(work, work.cells, options.output)).index}\n`);
      }
      const found = await pointsOf(source, options);
      const { points, title, runs, check, reference } = found;
      const output = options.output ?? (runs ? path.join(runs, 'report') : null);
      if (!output) throw new SoupError('OptionError', 'say where to write the report: -o DIR');
      const hasSoups = points.some(({ kind }) => kind === 'soup');
      const lmc = hasSoups ? checkLmc(points, check) : null;
      const front = paretoFront(points, { reference, alpha: check.alpha, seed: check.seed });
      const evidence = await evidenceOf(found);
      const findings = diagnose({ points, lmc, front, ...evidence });
      const predictions = weightsVersusPredictions(points, { ...check, comparison: evidence.weights });
      const answers = runs ? await searchAnswers(points, runs, check.alpha) : [];
      const index = await writeReport({ title, points, lmc, front, findings, selection: selectForReport(points, check, options.preference ?? answers[0]?.preference), answers, predictions, output });
      process.stdout.write(`${index}\n`);
    });
}
