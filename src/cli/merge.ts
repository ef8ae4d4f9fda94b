import { Command } from 'commander';
import { mergeFromConfig, type MergekitSummary } from '../merge/mergekit/merge';
import { formatBytes, interruptible, progressReporter } from './interruption';
import { methodHelp } from './method-help';
import { byteSizeOption, numberOption } from './options';

interface Flags {
  readonly seed: number;
  readonly shardSize?: number;
  readonly force?: boolean;
  readonly allowNan?: boolean;
  readonly json?: boolean;
}

/** `soup merge CONFIG DIR` */
export function mergeCommand(): Command {
  return new Command('merge')
    .description('Carry out a mergekit configuration.')
    .argument('<config>', 'mergekit YAML; its paths count from its own directory')
    .argument('<directory>', 'directory to make')
    .option('--seed <n>', 'of methods that draw', numberOption('seed', { from: 0, integer: true }), 0)
    .option('--shard-size <size>', 'most bytes of one weight file, as 5GB or 500MB; 5GB by default', byteSizeOption('shard-size'))
    .option('--force', 'move a non-empty output aside instead of refusing')
    .option('--allow-nan', 'write an output that has NaN values')
    .option('--json', 'print one JSON object on stdout')
    .addHelpText('after', methodHelp())
    .action(async (config: string, output: string, { json, shardSize, ...flags }: Flags) => {
      const progress = progressReporter();
      const summary = await interruptible((signal) => mergeFromConfig({
        ...flags, config, output, signal,
        shardBytes: shardSize,
        onProgress: ({ phase, fraction }) => progress.report(phase, fraction),
      })).finally(progress.end);
      for (const warning of summary.warnings) process.stderr.write(`warning: ${warning}\n`);
      process.stdout.write(json ? `${JSON.stringify(summary)}\n` : describe(summary));
    });
}

function describe({ output, method, models, tensorCount, parameters, sizeBytes, nonFinite, norm, replaced }: MergekitSummary): string {
  const norms = Object.entries(norm.models).map(([name, value]) => (value === null ? `nothing of ${name}` : `${name} ${value.toPrecision(6)}`));
  return [
    `${output}: ${method} of ${Object.keys(models).join(', ')}`,
    `  tensors    ${tensorCount}, ${parameters} parameters, ${formatBytes(sizeBytes)}`,
    `  non-finite ${nonFinite.nan} NaN, ${nonFinite.infinite} Inf`,
    `  norm       ${norm.soup.toPrecision(6)}; of what was read: ${norms.join(', ')}`,
    ...(replaced ? [`  replaced   what stood there is now ${replaced}`] : []),
    '',
  ].join('\n');
}
