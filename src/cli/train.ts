import { Command, Option } from 'commander';
import { launcherNames } from '../runs/launchers/registry';
import { jobsOption, runStages, withSharedOptions, type SharedOptions } from './pipeline-command';

export function trainCommand(): Command {
  return withSharedOptions(new Command('train').description('Train the base and the experts, or those named; what is done is kept.'))
    .argument('<experiment>', 'experiment file (YAML)')
    .option('--only <name...>', 'base, experts or scalarised runs to train, with what they need')
    .addOption(jobsOption)
    .addOption(new Option('--launcher <name>', 'how trainings are started').choices(launcherNames).default('local'))
    .action(async (file: string, options: SharedOptions & { readonly only?: string[]; readonly launcher: string }) => void (await runStages(file, options, { stages: ['train'], only: options.only, launcher: options.launcher })));
}
