import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as l10n from '@vscode/l10n';
import type { Uri } from 'vscode';
import { temporaryBeside } from '../../checkpoint/files';
import { SoupError } from '../../errors';
import { formatBytes } from '../checkpoint-tree/appearance';

/** Where a file lies: the parts of a URI that say so. */
type Place = Pick<Uri, 'scheme' | 'authority' | 'path' | 'fsPath'>;

/** The part of `workspace.fs` that is needed: it has no way to read a range. */
export interface WholeFiles {
  stat(uri: Uri): PromiseLike<{ readonly type: number; readonly mtime: number; readonly size: number }>;
  readFile(uri: Uri): PromiseLike<Uint8Array>;
  readDirectory(uri: Uri): PromiseLike<readonly (readonly [name: string, type: number])[]>;
}

/** The part of `Uri` that is needed. */
interface Uris {
  file(fsPath: string): Uri;
  from(parts: { readonly scheme: string; readonly authority: string; readonly path: string }): Uri;
}

export interface FileStat {
  readonly isDirectory: boolean;
  readonly mtimeMs: number;
  readonly size: number;
  /** of the disk; 0 elsewhere */
  readonly inode: number;
}

/** Bit of a directory in VS Code's `FileType`; a link has another one beside it. */
export const directoryType = 2;
/** copies that nobody holds stay below this, so that what is looked at again is not fetched again */
const keptBytes = 512e6;

interface Copy {
  readonly stamp: string;
  readonly sizeBytes: number;
  readonly made: Promise<void>;
  users: number;
}

/**
 * Files of every file system as paths of this disk, so that everything which reads checkpoints has paths to read. A file
 * of the disk is itself. Any other gets a path in a folder for temporary files, to which `hold` copies it as a whole,
 * because `workspace.fs` gives nothing smaller; copies go when nobody holds them and they grow too many, and all with the
 * editor.
 */
export class LocalCopies {
  private readonly copies = new Map<string, Copy>();

  constructor(
    readonly files: WholeFiles,
    private readonly uris: Uris,
    private readonly root = path.join(tmpdir(), `soups-files-${randomBytes(6).toString('hex')}`),
  ) {}

  /** The path by which this process knows a file or directory; nothing is copied yet. */
  pathOf({ scheme, authority, path: at, fsPath }: Place): string {
    if (scheme === 'file') return fsPath;
    return path.join(this.root, encodeURIComponent(`${scheme}://${authority}`), ...path.posix.normalize(`/${at}`).split('/'));
  }

  /** The other way round, for whatever lies below a place that `pathOf` was asked for, too. */
  uriOf(at: string): Uri {
    if (!this.isCopy(at)) return this.uris.file(at);
    const [place, ...rest] = path.relative(this.root, at).split(path.sep);
    const [scheme, authority] = decodeURIComponent(place!).split('://');
    return this.uris.from({ scheme: scheme!, authority: authority!, path: `/${rest.join('/')}` });
  }

  /** Whether a path stands for something that is not on this disk. */
  isCopy(at: string): boolean {
    return at.startsWith(this.root + path.sep);
  }

  /** A path as the user knows it: the URI, for reading, of what is not on this disk. */
  shown(at: string): string {
    return this.isCopy(at) ? this.inWords(at) : at;
  }

  /** Back from `shown`. */
  uriOfShown(text: string): Uri {
    const [, scheme, authority, at] = /^([a-z][\w+.-]+):(?:\/\/([^/]*))?(\/.*)$/i.exec(text) ?? [];
    return scheme === undefined ? this.uris.file(text) : this.uris.from({ scheme, authority: authority ?? '', path: at! });
  }

  /** A message with the paths of copies in it as the user knows them. */
  inWords(message: string): string {
    // some errors name files as seen from the working directory; the longer form may hold the other one
    const forms = [this.root, path.relative(process.cwd(), this.root)].sort((a, b) => b.length - a.length);
    const absolute = forms.reduce((text, form) => text.replaceAll(form, '\0'), message).replaceAll('\0', this.root);
    if (!absolute.includes(this.root)) return message;
    const places = new Set([...absolute.matchAll(/[\w%.-]+%3A%2F%2F[\w%.*'()~!-]*/g)].map(([place]) => place));
    return [...places].reduce((text, place) => {
      const [scheme, authority] = decodeURIComponent(place).split('://');
      return text.replaceAll(path.join(this.root, place) + path.sep, authority === '' ? `${scheme}:/` : `${scheme}://${authority}/`);
    }, absolute);
  }

  /** Names in a directory; none where it cannot be listed. */
  async names(directory: string): Promise<string[]> {
    if (!this.isCopy(directory)) return readdir(directory).catch(() => []);
    return Promise.resolve(this.files.readDirectory(this.uriOf(directory))).then((entries) => entries.map(([name]) => name), () => []);
  }

  /** Null where there is nothing. */
  async stat(at: string): Promise<FileStat | null> {
    if (!this.isCopy(at)) return stat(at).then((entry) => ({ isDirectory: entry.isDirectory(), mtimeMs: entry.mtimeMs, size: entry.size, inode: entry.ino }), () => null);
    return Promise.resolve(this.files.stat(this.uriOf(at))).then(({ type, mtime, size }) => ({ isDirectory: (type & directoryType) !== 0, mtimeMs: mtime, size, inode: 0 }), () => null);
  }

  /** What has been copied of a directory, whether or not it is held. */
  copiedBelow(directory: string): string[] {
    return [...this.copies.keys()].filter((at) => at.startsWith(directory + path.sep));
  }

  /**
   * Copies what is not on this disk and keeps it there until the function that comes back is called. Paths of this disk,
   * and of nothing, are left alone; the copy of what is gone goes too.
   * @throws SoupError VirtualFileTooLargeError where they have more bytes than that together, before any is read
   */
  async hold(paths: readonly string[], limitBytes: number): Promise<() => void> {
    const stats = await Promise.all(paths.filter((at) => this.isCopy(at)).map(async (at) => ({ at, stat: await this.stat(at) })));
    const there = stats.flatMap(({ at, stat: found }) => (found && !found.isDirectory ? [{ at, found }] : []));
    for (const { at, stat: found } of stats) if (!found && this.copies.has(at) && (await this.isGone(at))) await this.forget(at);
    const sizeBytes = there.reduce((sum, { found }) => sum + found.size, 0);
    if (sizeBytes > limitBytes) throw virtualFileTooLarge(this.shown(there[0]!.at), sizeBytes, limitBytes);
    const held: Copy[] = [];
    const release = (): void => {
      for (const copy of held.splice(0)) copy.users--;
      void this.makeRoom();
    };
    try {
      for (const { at, found } of there) held.push(await this.copyOf(at, found)); // one after another: each is in memory as a whole
    } catch (error) {
      release();
      throw error;
    }
    return release;
  }

  /** At once, because nobody waits for an editor that closes. */
  dispose(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  private async copyOf(at: string, { mtimeMs, size }: FileStat): Promise<Copy> {
    const stamp = `${mtimeMs}:${size}`;
    const known = this.copies.get(at);
    const copy = known?.stamp === stamp ? known : { stamp, sizeBytes: size, made: this.fetch(at), users: 0 };
    copy.users++;
    this.copies.delete(at); // the last in the map is the last that was asked for
    this.copies.set(at, copy);
    try {
      await copy.made;
    } catch (error) {
      copy.users--;
      if (this.copies.get(at) === copy) this.copies.delete(at);
      throw new SoupError('FileError', `${this.shown(at)}: ${error instanceof Error ? error.message : String(error)}`, { isInput: false, cause: error });
    }
    return copy;
  }

  private async fetch(at: string): Promise<void> {
    const bytes = await this.files.readFile(this.uriOf(at));
    await mkdir(path.dirname(at), { recursive: true, mode: 0o700 });
    const temporary = temporaryBeside(at); // whoever has the copy before it open goes on reading that
    await writeFile(temporary, bytes, { mode: 0o600 });
    await rename(temporary, at);
  }

  private async makeRoom(): Promise<void> {
    let bytes = [...this.copies.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    for (const [at, copy] of this.copies) {
      if (bytes <= keptBytes) return;
      if (copy.users > 0) continue;
      bytes -= copy.sizeBytes;
      await this.forget(at);
    }
  }

  private async forget(at: string): Promise<void> {
    this.copies.delete(at);
    await rm(at, { force: true });
  }

  /** Whether the file system knows that it is not there, rather than failing to tell. */
  private async isGone(at: string): Promise<boolean> {
    return Promise.resolve(this.files.stat(this.uriOf(at))).then(() => false, (error: unknown) => error instanceof Error && 'code' in error && error.code === 'FileNotFound');
  }
}

/** What the viewers open of a file system that gives files only as a whole. */
export const viewerLimitBytes = 256e6;
/** What the Checkpoints view reads of it unasked: of a checkpoint, and of all of them as long as the editor is open. */
export const unaskedLimitBytes = { each: 32e6, all: 1e9 };

function virtualFileTooLarge(name: string, sizeBytes: number, limitBytes: number): SoupError {
  const advice = sizeBytes <= viewerLimitBytes ? l10n.t('select it to have it read') : l10n.t('open the folder on the machine that holds it');
  return new SoupError('VirtualFileTooLargeError', l10n.t('{0}: this file system gives files only as a whole, and {1} are more than the {2} that are read here — {3}', name, formatBytes(sizeBytes), formatBytes(limitBytes), advice));
}
