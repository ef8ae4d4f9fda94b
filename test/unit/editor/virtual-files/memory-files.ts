import path from 'node:path';
import type { Uri } from 'vscode';
import type { WholeFiles } from '../../../../src/editor/virtual-files/local-copies';

/** A file system in memory, as `workspace.fs` shows one; it notes what was read. */
export class MemoryFiles implements WholeFiles {
  readonly read: string[] = [];
  private readonly entries = new Map<string, { readonly mtime: number; readonly bytes: Uint8Array }>();

  write(at: string, bytes: Uint8Array, mtime = 1): void {
    this.entries.set(at, { mtime, bytes });
  }

  remove(at: string): void {
    this.entries.delete(at);
  }

  async stat({ path: at }: Uri) {
    const file = this.entries.get(at);
    if (file) return { type: 1, mtime: file.mtime, size: file.bytes.byteLength };
    if ([...this.entries.keys()].some((name) => name.startsWith(`${at}/`))) return { type: 2, mtime: 0, size: 0 };
    throw Object.assign(new Error(`no ${at}`), { code: 'FileNotFound' });
  }

  async readFile({ path: at }: Uri) {
    this.read.push(at);
    const file = this.entries.get(at);
    if (!file) throw new Error(`no ${at}`);
    return file.bytes;
  }

  async readDirectory({ path: at }: Uri) {
    const below = [...this.entries.keys()].filter((name) => name.startsWith(`${at}/`)).map((name) => name.slice(at.length + 1));
    if (below.length === 0) throw new Error(`no ${at}`);
    return [...new Map(below.map((name) => [name.split('/')[0]!, name.includes('/') ? 2 : 1] as [string, number]))];
  }
}

/** URIs with as much of VS Code's as the code under test uses. */
export const uris = {
  from: ({ scheme, authority, path: at }: { scheme: string; authority: string; path: string }): Uri =>
    ({ scheme, authority, path: at, fsPath: at, toString: () => (authority === '' ? `${scheme}:${at}` : `${scheme}://${authority}${at}`) }) as Uri,
  file: (fsPath: string): Uri => uris.from({ scheme: 'file', authority: '', path: fsPath }),
  join: (uri: Uri, name: string): Uri => uris.from({ scheme: uri.scheme, authority: uri.authority, path: path.posix.join(uri.path, name) }),
};
