import { Command } from 'commander';
import { parseFloatDtype } from '../checkpoint/dtype';
import { blend, type BlendSummary } from '../merge/blend';
import { parseWeights } from '../merge/weights';
import { formatBytes, interruptible, progressReporter } from './interruption';

interface Flags {
  readonly weights: string;
  readonly method: string;
  readonly base?: string;
  readonly dtype?: string;
  readonly output: string;
  readonly normalize?: boolean;
  readonly extrapolate?: boolean;
  readonly force?: boolean;
  readonly allowNan?: boolean;
  readonly json?: boolean;
}

/** `soup blend CKPT… --weights a,b,… -o DIR` */
export function blendCommand(): Command {
  return new Command('blend')
    .description('Blend checkpoints into a soup directory.')
    .argument('<checkpoints...>', 'safetensors files or checkpoint directories')
    .requiredOption('-w, --weights <list>', 'λ in the order of the checkpoints (0.3,0.7), or by expert name (risky=0.3,cautious=0.7)')
    .option('-m, --method <name>', 'merge method', 'linear')
    .option('--base <checkpoint>', 'the shared initialisation, for the provenance')
    .option('--dtype <type>', 'type of the soup: f32, bf16, f16, …; as the first checkpoint by default')
    .requiredOption('-o, --output <directory>', 'directory to make')
    .option('--normalize', 'rescale the weights so that they sum to 1')
    .option('--extrapolate', 'allow weights outside the simplex')
    .option('--force', 'move a non-empty output aside instead of refusing')
    .option('--allow-nan', 'write a soup that has NaN values')
    .option('--json', 'print one JSON object on stdout')
    .action(async (checkpoints: string[], flags: Flags) => {
      const progress = progressReporter();
      const { json, weights, dtype, ...options } = flags;
      const summary = await interruptible((signal) => blend({
        ...options, inputs: checkpoints, signal,
        weights: parseWeights(weights),
        dtype: dtype === undefined ? undefined : parseFloatDtype(dtype),
        onProgress: ({ phase, fraction }) => progress.report(phase, fraction),
      })).finally(progress.end);
      for (const warning of summary.warnings) process.stderr.write(`warning: ${warning}\n`);
      process.stdout.write(json ? `${JSON.stringify(summary)}\n` : describe(summary));
    });
}

function describe({ output, method, weights, tensorCount, loadedTensors, parameters, sizeBytes, nonFinite, endpoint, norm, replaced }: BlendSummary): string {
  const lambda = Object.entries(weights).map(([name, weight]) => `${name}=${weight}`).join(' ');
  return [
    `${output}: ${method} soup, ${lambda}`,
    `  tensors    ${loadedTensors} of ${tensorCount} loaded, ${parameters} parameters, ${formatBytes(sizeBytes)}`,
    `  non-finite ${nonFinite.nan} NaN, ${nonFinite.infinite} Inf`,
    `  norm       ${norm.soup.toPrecision(6)}${norm.drift === null ? '' : `, ${(100 * norm.drift).toFixed(2)} % from the experts' mean`}`,
    ...(endpoint ? [`  endpoint   identical to ${endpoint.expert}, byte for byte`] : []),
    ...(replaced ? [`  replaced   what stood there is now ${replaced}`] : []),
    '',
  ].join('\n');
}
