import { Command } from 'commander';
import type { PipelineOptions } from '../runs/pipeline';
import { numberOption } from './options';
import { runStages, withSharedOptions, type SharedOptions } from './pipeline-command';

type SweepOptions = SharedOptions & Pick<PipelineOptions, 'grid' | 'samples' | 'search' | 'budget'>;

export function sweepCommand(): Command {
  return withSharedOptions(new Command('sweep').description('Evaluate the soups of trained experts; points that are there already are kept.'))
    .argument('<experiment>', 'experiment file (YAML)')
    .option('--grid <k>', 'points on each edge of the simplex', numberOption('grid', { from: 2, integer: true }))
    .option('--samples <n>', 'episodes (or prompts) a point', numberOption('samples', { from: 2, integer: true }))
    .option('--search <preference>', 'look for the best λ for an expression over rewards and metrics instead of evaluating a grid')
    .option('--budget <n>', 'λ that a search evaluates in all, experts included', numberOption('budget', { from: 3, integer: true }))
    .action(async (file: string, { grid, samples, search, budget, ...shared }: SweepOptions) => void (await runStages(file, shared, { stages: ['sweep'], grid, samples, search, budget })));
}
