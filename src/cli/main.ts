import { Command, CommanderError } from 'commander';
import { SoupError } from '../errors';
import { blendCommand } from './blend';
import { checkCommand } from './check';
import { compareCommand } from './compare';
import { doctorCommand } from './doctor';
import { frontCommand } from './front';
import { greedyCommand } from './greedy';
import { inspectCommand } from './inspect';
import { mergeCommand } from './merge';
import { reportCommand } from './report';
import { runCommand } from './run';
import { selectCommand } from './select';
import { sweepCommand } from './sweep';
import { trainCommand } from './train';
import { version } from '../../package.json';

/** One entry a subcommand; each file under `src/cli` exports a function that makes its command. */
const subcommands: readonly (() => Command)[] = [runCommand, trainCommand, sweepCommand, checkCommand, frontCommand, selectCommand, reportCommand, doctorCommand, blendCommand, greedyCommand, mergeCommand, inspectCommand, compareCommand];

/**
 * Runs the command line. Exit codes: 0 done, 1 the work failed, 2 the call or its input is wrong, 130 interrupted.
 * @param argv the arguments after `soup`
 */
export async function main(argv: readonly string[]): Promise<number> {
  const program = new Command('soup').description('Rewarded soups: train experts, interpolate their weights, check linear mode connectivity.').version(version);
  for (const make of subcommands) program.addCommand(make());
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

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
