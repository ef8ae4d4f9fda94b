import { SoupError } from '../../errors';
import { nodeEnvironment } from '../launch';
import { readRunRecord } from '../run-directory';
import type { Launcher } from './launcher';
import { startProcess } from './start-process';

/**
 * Starts the trainer through a command line of the experiment file, such as `srun --gres=gpu:1 {argv}`, which must
 * wait for the trainer's end. No shell is involved: the line is split at blanks, and quotes keep words together.
 */
export const command: Launcher = {
  name: 'command',
  async start(directory, { trainer, settings }) {
    if (!settings?.command) throw new SoupError('NoLauncherCommandError', 'The command launcher needs `launcher: { command: "… {argv}" }` in the experiment file.');
    const name = (await readRunRecord(directory))?.name ?? '';
    return startProcess(directory, { argv: commandLine(settings.command, { argv: ['node', trainer, directory], name }), environment: nodeEnvironment(), state: 'queued' });
  },
};

/**
 * The words of a launcher's command. {argv} as a word of its own stands for several words; {name} may be a part of one.
 * @throws SoupError when {argv} is missing or a quote is not closed
 */
export function commandLine(template: string, values: { readonly argv: readonly string[]; readonly name: string }): string[] {
  const words = wordsOf(template);
  if (!words.includes('{argv}')) throw new SoupError('BadLauncherCommandError', `launcher.command \`${template}\` lacks the word {argv}, which stands for the trainer's command line.`);
  return words.flatMap((word) => (word === '{argv}' ? values.argv : [word.replaceAll('{name}', values.name)]));
}

/** A line split at blanks, with quotes keeping words together. @throws SoupError when a quote is not closed */
export function wordsOf(line: string): string[] {
  if ((line.replace(/"[^"]*"|'[^']*'/g, '').match(/["']/) ?? []).length > 0) throw new SoupError('BadLauncherCommandError', `the launcher's line \`${line}\` has a quote that is not closed.`);
  return [...line.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) => word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'));
}
