import { Command } from 'commander';
import { jobsOption, runStages, withSharedOptions, type SharedOptions } from './pipeline-command';

export function runCommand(): Command {
  return withSharedOptions(new Command('run').description('Train what is missing, sweep the soups, check connectivity and write the report. Run it again to go on.'))
    .addOption(jobsOption)
    .action((file: string, options: SharedOptions) => runStages(file, options, { stages: ['train', 'sweep', 'analyse'] }));
}
