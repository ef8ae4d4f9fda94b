const fs = require('node:fs');
const path = require('node:path');
const vscode = require('vscode');

/** Files in memory, only readable; nothing is read of the disk but when the folder is taken in, at first and by a command. */
class MemoryFiles {
  constructor() {
    this.changed = new vscode.EventEmitter();
    this.onDidChangeFile = this.changed.event;
    this.entries = new Map();
    this.taken = 0;
  }

  take(root) {
    this.taken++;
    for (const entry of fs.readdirSync(root, { recursive: true, withFileTypes: true })) {
      const at = path.join(entry.parentPath, entry.name);
      this.entries.set(at, entry.isDirectory() ? null : fs.readFileSync(at));
      this.changed.fire([{ type: vscode.FileChangeType.Changed, uri: vscode.Uri.from({ scheme: 'memory', path: at }) }]);
    }
    this.entries.set(root, null);
  }

  at(uri) {
    if (!this.entries.has(uri.path)) throw vscode.FileSystemError.FileNotFound(uri);
    return this.entries.get(uri.path);
  }

  stat(uri) {
    const bytes = this.at(uri);
    return { type: bytes === null ? vscode.FileType.Directory : vscode.FileType.File, ctime: 1, mtime: this.taken, size: bytes?.length ?? 0 };
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
  const take = () => {
    for (const { uri } of vscode.workspace.workspaceFolders ?? []) if (uri.scheme === 'memory') files.take(uri.path);
  };
  take();
  subscriptions.push(
    vscode.commands.registerCommand('memoryFiles.take', take),
    vscode.workspace.registerFileSystemProvider('memory', files, { isCaseSensitive: true, isReadonly: true }),
  );
};
