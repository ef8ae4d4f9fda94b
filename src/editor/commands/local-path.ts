import * as l10n from '@vscode/l10n';
import type { Uri } from 'vscode';
import { SoupError } from '../../errors';

/**
 * The path of a file that a process is to read or write.
 * @throws SoupError LocalFileNeededError for one of another file system, which no process can reach
 */
export function localPath(uri: Pick<Uri, 'scheme' | 'fsPath' | 'toString'>): string {
  if (uri.scheme !== 'file') throw localFileNeeded(uri.toString(true));
  return uri.fsPath;
}

export function localFileNeeded(place: string): SoupError {
  return new SoupError('LocalFileNeededError', l10n.t('{0}: this is not on a disk, so that it can be looked at and no more — copy it to a folder on one, or open the folder on the machine that holds it', place));
}
