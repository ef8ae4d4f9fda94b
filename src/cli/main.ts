import { Command, CommanderError } from 'commander';
import { SoupError } from '../errors';
import { version } from '../../package.json';

/** One entry a subcommand, loaded when it is called: charts and expressions are half of the program and not of its business. */
const subcommands: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import('./run')).runCommand(),
  train: async () => (await import('./train')).trainCommand(),
  sweep: async () => (await import('./sweep')).sweepCommand(),
  check: async () => (await import('./check')).checkCommand(),
  front: async () => (await import('./front')).frontCommand(),
  select: async () => (await import('./select')).selectCommand(),
  report: async () => (await import('./report')).reportCommand(),
  doctor: async () => (await import('./doctor')).doctorCommand(),
  blend: async () => (await import('./blend')).blendCommand(),
  greedy: async () => (await import('./greedy')).greedyCommand(),
  merge: async () => (await import('./merge')).mergeCommand(),
  inspect: async () => (await import('./inspect')).inspectCommand(),
  compare: async () => (await import('./compare')).compareCommand(),
  try: async () => (await import('./try')).tryCommand(),
};

/**
 * Runs the command line. Exit codes: 0 done, 1 the work failed, 2 the call or its input is wrong, 130 interrupted.
 * @param argv the arguments after `soup`
 */
export async function main(argv: readonly string[]): Promise<number> {
  const program = new Command('soup').description('Rewarded soups: train experts, interpolate their weights, check linear mode connectivity.').version(version);
  const [called] = argv;
  // help and a mistyped name need all of them
  const loaded = Object.hasOwn(subcommands, called ?? '') ? [subcommands[called]] : Object.values(subcommands);
  for (const load of loaded) program.addCommand(await load());
  for (const command of [program, ...program.commands]) command.exitOverride().configureOutput({ writeErr: (text) => process.stderr.write(text) });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return report(error);
  }
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof SoupError) {
    if (error.name === 'InterruptedError') return 130;
    process.stderr.write(`soup: ${error.message}\n`);
    return error.isInput ? 2 : 1;
  }
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`soup: ${message}\n`);
  if (process.env.SOUP_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return 1;
}

// a reader that has seen enough (`soup front … | head`) is no failure
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
