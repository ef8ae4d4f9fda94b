import type { Uri } from 'vscode';
import { directoryType, type WholeFiles } from './local-copies';

/** A directory and the names of the files in it. */
export interface ListedDirectory {
  readonly uri: Uri;
  readonly names: readonly string[];
}

/** what a walk lists at most: a file system far away takes its time for each */
const directoryLimit = 5000;
const linkType = 64;

/**
 * The directories below a folder, those near its top first. VS Code's own search has no provider for most file systems,
 * and waits for one; this asks the file system itself. Links to directories are not followed, because they may lead back up;
 * what cannot be listed is passed over.
 * @param excluded names of directories that are left out
 */
export async function* walk(files: Pick<WholeFiles, 'readDirectory'>, folder: Uri, excluded: readonly string[], join: (uri: Uri, name: string) => Uri): AsyncGenerator<ListedDirectory> {
  const waiting = [folder];
  for (let listed = 0; waiting.length > 0 && listed < directoryLimit; ) {
    const some = waiting.splice(0, 8);
    listed += some.length;
    const found = await Promise.all(some.map(async (uri) => ({ uri, entries: await Promise.resolve(files.readDirectory(uri)).catch(() => []) })));
    for (const { uri, entries } of found) {
      const isFolder = (type: number): boolean => (type & directoryType) !== 0;
      for (const [name, type] of entries) if (isFolder(type) && (type & linkType) === 0 && !excluded.includes(name)) waiting.push(join(uri, name));
      yield { uri, names: entries.flatMap(([name, type]) => (isFolder(type) ? [] : [name])) };
    }
  }
}
