import { Command } from 'commander';
import { paretoFront, type Reference } from '../analysis/front';
import { dominatingTexts, frontText } from '../analysis/front-text';
import { pointText } from '../analysis/simplex';
import { SoupError } from '../errors';
import { pointsOf } from './results-source';
import { variantDescription, withVariantOptions, type VariantOptions } from './variant-options';

function parseReference(text: string): Reference {
  if (text === 'init' || text === 'nadir') return text;
  const values = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (!values.every(Number.isFinite)) throw new SoupError('ReferenceError', `--reference "${text}": give init, nadir, or one number a reward, such as 0.5,-2`);
  return values;
}

export function frontCommand(): Command {
  return withVariantOptions(new Command('front'), variantDescription)
    .description('Pareto front and hypervolume of soups and experts, beside MORL.')
    .argument('<results>', 'experiment file, results.csv, results.jsonl or a run directory')
    .option('--reference <point>', 'init, nadir, or one number a reward')
    .option('--json', 'print one JSON object')
    .action(async (source: string, options: VariantOptions & { reference?: string; json?: boolean }) => {
      const { points, reference, check: { alpha, seed } } = await pointsOf(source, options);
      const report = paretoFront(points, { reference: options.reference === undefined ? reference : parseReference(options.reference), alpha, seed });
      if (options.json) return void process.stdout.write(`${JSON.stringify(report)}\n`);
      const dominating = dominatingTexts(report);
      const rows = report.points.map((point) => {
        const values = Object.entries(point.rewards).map(([reward, value]) => `${reward} ${value.toPrecision(5)}`);
        const by = dominating(point);
        return `  ${point.kind.padEnd(6)} ${pointText(point).padEnd(28)} ${values.join('  ')}  ${point.dominated ? `dominated by ${by.slice(0, 3).join('; ')}${by.length > 3 ? ` and ${by.length - 3} more` : ''}` : 'on the front'}`;
      });
      process.stdout.write(`${[...frontText(report), ...rows].join('\n')}\n`);
    });
}
