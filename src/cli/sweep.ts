import { Command } from 'commander';
import { numberOption } from './options';
import { runStages, withSharedOptions, type SharedOptions } from './pipeline-command';

export function sweepCommand(): Command {
  return withSharedOptions(new Command('sweep').description('Evaluate the soups of trained experts; points that are there already are kept.'))
    .argument('<experiment>', 'experiment file (YAML)')
    .option('--grid <k>', 'points on each edge of the simplex', numberOption('grid', { from: 2, integer: true }))
    .option('--samples <n>', 'episodes (or prompts) a point', numberOption('samples', { from: 2, integer: true }))
    .action(async (file: string, options: SharedOptions & { readonly grid?: number; readonly samples?: number }) => void (await runStages(file, options, { stages: ['sweep'], grid: options.grid, samples: options.samples })));
}
