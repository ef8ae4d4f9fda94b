import { Command, Option } from 'commander';
import type { PreferenceScope } from '../analysis/preference';
import { selectWeights } from '../analysis/selection';
import { selectionText } from '../analysis/selection-text';
import { numberOption } from './options';
import { pointsOf } from './results-source';

interface SelectOptions {
  readonly preference: string;
  readonly appliesTo?: PreferenceScope;
  readonly folds?: number;
  readonly alpha?: number;
  readonly json?: boolean;
}

/** `soup select RESULTS --preference EXPRESSION [--json]` */
export function selectCommand(): Command {
  return new Command('select')
    .description('Choose the λ that fits a preference over the rewards; its value is cross-validated.')
    .argument('<results>', 'experiment file, results.csv, results.jsonl or a run directory')
    .requiredOption('--preference <expression>', 'what is wanted, such as "0.7*risky + 0.3*cautious" or "min(risky, cautious)"')
    .addOption(new Option('--applies-to <scope>', 'value the preference on each sample and average, or on the mean rewards').choices(['samples', 'means']))
    .option('--folds <count>', 'folds of the cross-validation', numberOption('folds', { from: 2, integer: true }))
    .option('--alpha <level>', 'level of the intervals', numberOption('alpha', { above: 0, below: 1 }))
    .option('--json', 'print one JSON object')
    .action(async (source: string, { preference, json, ...given }: SelectOptions) => {
      const { points, check } = await pointsOf(source);
      const settings = { alpha: check.alpha, resamples: check.resamples, seed: check.seed, ...given };
      const selection = selectWeights(points, preference, settings);
      process.stdout.write(json ? `${JSON.stringify(selection)}\n` : `${selectionText(selection).join('\n')}\n`);
    });
}
