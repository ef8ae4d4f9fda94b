import { Command } from 'commander';
import { SoupError } from '../errors';
import { openCheckpoint, type Checkpoint } from '../checkpoint/checkpoint';
import { compareCheckpoints, type CompareReport } from '../checkpoint/compare';
import { interruptible, progressReporter } from './interruption';

/** `soup compare CKPT… [--base CKPT] [--json]` */
export function compareCommand(): Command {
  return new Command('compare')
    .description('Compare checkpoints: norms, cosines and sign conflicts of their task vectors.')
    .argument('<checkpoints...>', 'safetensors files or checkpoint directories')
    .option('--base <checkpoint>', 'the shared initialisation that task vectors start from')
    .option('--json', 'print one JSON object on stdout, with every tensor')
    .action(async (paths: string[], { base, json }: { base?: string; json?: boolean }) => {
      if (paths.length < 2 && base === undefined) throw new SoupError('CompareCallError', 'compare: one checkpoint alone has nothing to be compared with — name another, or --base');
      const checkpoints: Checkpoint[] = [];
      for (const path of paths) checkpoints.push(await openCheckpoint(path));
      const origin = base === undefined ? null : await openCheckpoint(base);
      const progress = progressReporter();
      const onProgress = (fraction: number) => progress.report('compare', fraction);
      const report = await interruptible((signal) => compareCheckpoints(checkpoints, origin, { signal, onProgress })).finally(progress.end);
      process.stdout.write(json ? `${JSON.stringify(report)}\n` : describe(report));
    });
}

function describe({ base, checkpoints, norms, relativeNorms, pairs, signConflict }: CompareReport): string {
  const percent = (share: number | null) => (share === null ? 'undefined' : `${(100 * share).toFixed(2)} %`);
  return [
    base === null ? 'weights, without a base:' : `task vectors from ${base}:`,
    ...checkpoints.map(({ name }) => `  ${name}: norm ${norms[name].toPrecision(6)}${relativeNorms ? `, ${percent(relativeNorms[name])} of the base's` : ''}`),
    ...pairs.map(({ a, b, cosine, signConflict: conflict }) => `  ${a} and ${b}: cosine ${cosine === null ? 'undefined' : cosine.toFixed(6)}, opposite signs ${percent(conflict)}`),
    ...(checkpoints.length > 2 ? [`  all: opposite signs ${percent(signConflict)}`] : []),
    '',
  ].join('\n');
}
