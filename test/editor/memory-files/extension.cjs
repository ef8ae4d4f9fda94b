const fs = require('node:fs');
const path = require('node:path');
const vscode = require('vscode');

/** Files in memory, only readable; nothing is read of the disk once the folder has been taken in. */
class MemoryFiles {
  constructor() {
    this.onDidChangeFile = new vscode.EventEmitter().event;
    this.entries = new Map();
  }

  take(root) {
    for (const entry of fs.readdirSync(root, { recursive: true, withFileTypes: true })) {
      const at = path.join(entry.parentPath, entry.name);
      this.entries.set(at, entry.isDirectory() ? null : fs.readFileSync(at));
    }
    this.entries.set(root, null);
  }

  at(uri) {
    if (!this.entries.has(uri.path)) throw vscode.FileSystemError.FileNotFound(uri);
    return this.entries.get(uri.path);
  }

  stat(uri) {
    const bytes = this.at(uri);
    return { type: bytes === null ? vscode.FileType.Directory : vscode.FileType.File, ctime: 1, mtime: 1, size: bytes?.length ?? 0 };
  }

  readDirectory(uri) {
    this.at(uri);
    return [...this.entries].filter(([at]) => path.dirname(at) === uri.path && at !== uri.path).map(([at, bytes]) => [path.basename(at), bytes === null ? vscode.FileType.Directory : vscode.FileType.File]);
  }

  readFile(uri) {
    return this.at(uri);
  }

  watch() {
    return new vscode.Disposable(() => undefined);
  }

  writeFile(uri) {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  createDirectory(uri) {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri) {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri) {
    throw vscode.FileSystemError.NoPermissions(uri);
  }
}

exports.activate = ({ subscriptions }) => {
  const files = new MemoryFiles();
  for (const { uri } of vscode.workspace.workspaceFolders ?? []) if (uri.scheme === 'memory') files.take(uri.path);
  subscriptions.push(vscode.workspace.registerFileSystemProvider('memory', files, { isCaseSensitive: true, isReadonly: true }));
};
