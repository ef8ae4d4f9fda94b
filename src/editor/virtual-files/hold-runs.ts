import path from 'node:path';
import type { LocalCopies } from './local-copies';
import { walk } from './walk';

/** What panels read of runs: neither weights nor logs. */
const readByPanels: ReadonlySet<string> = new Set(['experiment.resolved.json', 'run.json', 'metrics.jsonl', 'results.jsonl']);
const withoutRuns = ['checkpoints', 'snapshots', 'report', 'soups', 'node_modules', '.git'];

/**
 * Has what a panel reads on this disk, as it is now, until the function that comes back is called; nothing is done for
 * what is there anyway.
 * @param file experiment file or results file that the panel was opened on
 * @param directory `runs/<name>`; null where it is not known, or there is none
 * @throws SoupError VirtualFileTooLargeError
 */
export async function holdRuns(copies: LocalCopies, file: string, directory: string | null, limitBytes: number): Promise<() => void> {
  if (!copies.isCopy(file)) return () => undefined;
  const found = directory === null ? [] : [...(await filesOfRuns(copies, directory)), ...copies.copiedBelow(directory).filter(isReadByPanels)];
  return copies.hold([...new Set([file, ...found])], limitBytes);
}

async function filesOfRuns(copies: LocalCopies, directory: string): Promise<string[]> {
  const found: string[] = [];
  const join = (uri: Parameters<LocalCopies['pathOf']>[0], name: string) => copies.uriOf(path.join(copies.pathOf(uri), name));
  for await (const { uri, names } of walk(copies.files, copies.uriOf(directory), withoutRuns, join)) found.push(...names.filter(isReadByPanels).map((name) => path.join(copies.pathOf(uri), name)));
  return found;
}

const isReadByPanels = (file: string): boolean => readByPanels.has(path.basename(file));
