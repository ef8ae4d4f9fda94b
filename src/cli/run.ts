import { Command } from 'commander';
import { jobsOption, runStages, withSharedOptions, type SharedOptions } from './pipeline-command';

export function runCommand(): Command {
  return withSharedOptions(new Command('run').description('Train what is missing, sweep the soups, check connectivity and write the report; a study is compared cell by cell. Run it again to go on.'))
    .argument('<experiments...>', 'experiment files (YAML), carried out one after the other')
    .addOption(jobsOption)
    .action(async (files: string[], options: SharedOptions) => {
      for (const file of files) if ((await runStages(file, options, { stages: ['train', 'sweep', 'analyse'] })) === 'stopped') return;
    });
}
