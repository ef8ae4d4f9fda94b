import { Command } from 'commander';
import { openCheckpoint } from '../checkpoint/checkpoint';
import { inspectCheckpoint, type Inspection } from '../checkpoint/inspect';
import { formatBytes } from './interruption';

/** `soup inspect CKPT [--json]` */
export function inspectCommand(): Command {
  return new Command('inspect')
    .description('Show what a checkpoint holds, from its headers alone.')
    .argument('<checkpoint>', 'safetensors file or checkpoint directory')
    .option('--json', 'print one JSON object on stdout')
    .action(async (checkpoint: string, { json }: { json?: boolean }) => {
      const inspection = inspectCheckpoint(await openCheckpoint(checkpoint));
      process.stdout.write(json ? `${JSON.stringify(inspection)}\n` : describe(inspection));
    });
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

function describe({ path, kind, tensorCount, parameters, sizeBytes, dtypes, metadata, lineage, tensors }: Inspection): string {
  const width = Math.max(0, ...tensors.map(({ name }) => name.length));
  return [
    `${path}: ${kind}, ${counted(tensorCount, 'tensor')}, ${counted(parameters, 'parameter')}, ${formatBytes(sizeBytes)}`,
    ...Object.entries(dtypes).map(([dtype, counts]) => `  ${dtype}: ${counted(counts.tensors, 'tensor')}, ${counted(counts.parameters, 'parameter')}`),
    ...Object.entries(metadata).map(([key, value]) => `  ${key} = ${value}`),
    ...(lineage.baseHash ? [`  base ${lineage.baseHash}`] : []),
    ...(lineage.run ? [`  run ${lineage.run}`] : []),
    ...tensors.map(({ name, dtype, shape }) => `  ${name.padEnd(width)}  ${dtype} [${shape.join(', ')}]`),
    '',
  ].join('\n');
}
