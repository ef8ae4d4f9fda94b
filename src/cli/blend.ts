import { Command } from 'commander';
import { SoupError } from '../errors';
import { parseFloatDtype } from '../checkpoint/dtype';
import { blend, type BlendSummary } from '../merge/blend';
import { parseParameters } from '../merge/blend-parameters';
import { methods } from '../merge/methods/registry';
import { parseWeights, weightArgument } from '../merge/weights';
import { formatBytes, interruptible, progressReporter } from './interruption';
import { methodHelp } from './method-help';
import { byteSizeOption, numberOption } from './options';

interface Flags {
  readonly weights?: string;
  readonly param: readonly string[];
  readonly fisher: readonly string[];
  readonly seed?: number;
  readonly method: string;
  readonly base?: string;
  readonly dtype?: string;
  readonly output: string;
  readonly normalize?: boolean;
  readonly extrapolate?: boolean;
  readonly space?: string;
  readonly rank?: number;
  readonly mergeIntoBase?: boolean;
  readonly shardSize?: number;
  readonly force?: boolean;
  readonly allowNan?: boolean;
  readonly json?: boolean;
}

/** `soup blend CKPT… --weights a,b,… -o DIR` */
export function blendCommand(): Command {
  return new Command('blend')
    .description('Blend checkpoints into a soup directory.')
    .argument('<checkpoints...>', 'safetensors files or checkpoint directories')
    .option('-w, --weights <list>', 'λ in the order of the checkpoints (0.3,0.7), or by expert name (risky=0.3,cautious=0.7); over the layers with colons (risky=0:1,cautious=1:0)')
    .option('-m, --method <name>', `merge method: ${methods.map(({ name }) => name).join(', ')}`, 'linear')
    .option('-p, --param <name=value>', 'parameter of the method (density=0.5), or of one expert (risky.density=0.5); may be repeated', repeated, [])
    .option('--base <checkpoint>', 'the shared initialisation: for methods that need a base, for adapters that are merged into it, and for the provenance')
    .option('--fisher <checkpoint>', 'diagonal Fisher information of an expert, for the method fisher; once for each, in their order', repeated, [])
    .option('--seed <n>', 'of methods that draw', numberOption('seed', { from: 0, integer: true }))
    .option('--dtype <type>', 'type of the soup: f32, bf16, f16, …; as the first checkpoint by default')
    .requiredOption('-o, --output <directory>', 'directory to make')
    .option('--normalize', 'rescale the weights so that they sum to 1')
    .option('--extrapolate', 'allow weights outside the simplex')
    .option('--space <space>', 'of LoRA adapters: factor (A and B averaged apart, as in the paper; the default) or delta (their updates, exact)')
    .option('--rank <n>', 'of adapters in delta space: cut the result to this rank by SVD', numberOption('rank', { from: 1, integer: true }))
    .option('--merge-into-base', 'of adapters: write the base with the blended update (needs --base)')
    .option('--shard-size <size>', 'most bytes of one weight file, as 5GB or 500MB; the files of the first checkpoint by default', byteSizeOption('shard-size'))
    .option('--force', 'move a non-empty output aside instead of refusing')
    .option('--allow-nan', 'write a soup that has NaN values')
    .option('--json', 'print one JSON object on stdout')
    .addHelpText('after', methodHelp(({ name }, parameter) => parameter !== 'weight' && name !== 'linear'))
    .action(async (checkpoints: string[], flags: Flags) => {
      const progress = progressReporter();
      const { json, weights, param, fisher, dtype, space, shardSize, ...options } = flags;
      const summary = await interruptible((signal) => blend({
        ...options, inputs: checkpoints, signal,
        weights: weights === undefined ? undefined : parseWeights(weights),
        parameters: parseParameters(param),
        fishers: fisher,
        space: spaceOption(space),
        shardBytes: shardSize,
        dtype: dtype === undefined ? undefined : parseFloatDtype(dtype),
        onProgress: ({ phase, fraction }) => progress.report(phase, fraction),
      })).finally(progress.end);
      for (const warning of summary.warnings) process.stderr.write(`warning: ${warning}\n`);
      process.stdout.write(json ? `${JSON.stringify(summary)}\n` : describe(summary));
    });
}

const repeated = (text: string, before: readonly string[]): readonly string[] => [...before, text];

function spaceOption(text: string | undefined): 'factor' | 'delta' | undefined {
  if (text === undefined || text === 'factor' || text === 'delta') return text;
  throw new SoupError('OptionError', `--space "${text}": give factor or delta`);
}

/** How far the two ways to blend adapters are apart, and what cutting the rank has lost, module by module. */
function adapterLines(report: BlendSummary['adapters']): string[] {
  if (!report) return [];
  const percent = (share: number | null | undefined) => (share === null || share === undefined ? 'undefined' : `${(100 * share).toPrecision(3)} %`);
  return [
    `  adapters   in ${report.space} space${report.mergedIntoBase ? ', merged into the base' : `, rank ${report.rank}`}; ‖ΔW_factor − ΔW_delta‖/‖ΔW_delta‖${report.truncation ? ', and what the cut lost' : ''}:`,
    ...Object.entries(report.differences).map(([module, difference]) => `    ${module}  ${percent(difference)}${report.truncation ? `  ${percent(report.truncation[module])}` : ''}`),
  ];
}

function describe({ output, method, weights, tensorCount, loadedTensors, parameters, sizeBytes, nonFinite, endpoint, norm, adapters, replaced }: BlendSummary): string {
  const lambda = Object.entries(weights).map(([name, weight]) => `${name}=${weightArgument(weight)}`).join(' ');
  return [
    `${output}: ${method} soup, ${lambda}`,
    `  tensors    ${loadedTensors} of ${tensorCount} loaded, ${parameters} parameters, ${formatBytes(sizeBytes)}`,
    `  non-finite ${nonFinite.nan} NaN, ${nonFinite.infinite} Inf`,
    `  norm       ${norm.soup.toPrecision(6)}${norm.drift === null ? '' : `, ${(100 * norm.drift).toFixed(2)} % from the experts' mean`}`,
    ...adapterLines(adapters),
    ...(endpoint ? [`  endpoint   identical to ${endpoint.expert}, byte for byte`] : []),
    ...(replaced ? [`  replaced   what stood there is now ${replaced}`] : []),
    '',
  ].join('\n');
}
