import { Command, Option } from 'commander';
import type { PreferenceScope } from '../analysis/preference';
import { selectWeights } from '../analysis/selection';
import { selectionText } from '../analysis/selection-text';
import { numberOption } from './options';
import { pointsOf } from './results-source';
import { variantDescription, withVariantOptions, type VariantOptions } from './variant-options';

interface SelectOptions extends VariantOptions {
  readonly preference: string;
  readonly appliesTo?: PreferenceScope;
  readonly folds?: number;
  readonly alpha?: number;
  readonly json?: boolean;
}

/** `soup select RESULTS --preference EXPRESSION [--json]` */
export function selectCommand(): Command {
  return withVariantOptions(new Command('select'), variantDescription)
    .description('Choose the λ that fits a preference over the rewards; its value is cross-validated.')
    .argument('<results>', 'experiment file, results.csv, results.jsonl or a run directory')
    .requiredOption('--preference <expression>', 'what is wanted, such as "0.7*risky + 0.3*cautious" or "min(risky, cautious)"')
    .addOption(new Option('--applies-to <scope>', 'value the preference on each sample and average, or on the mean rewards').choices(['samples', 'means']))
    .option('--folds <count>', 'folds of the cross-validation', numberOption('folds', { from: 2, integer: true }))
    .option('--alpha <level>', 'level of the intervals', numberOption('alpha', { above: 0, below: 1 }))
    .option('--json', 'print one JSON object')
    .action(async (source: string, { preference, json, appliesTo, folds, alpha, ...variant }: SelectOptions) => {
      const { points, check } = await pointsOf(source, variant);
      const settings = { alpha: alpha ?? check.alpha, resamples: check.resamples, seed: check.seed, appliesTo, folds };
      const selection = selectWeights(points, preference, settings);
      process.stdout.write(json ? `${JSON.stringify(selection)}\n` : `${selectionText(selection).join('\n')}\n`);
    });
}
