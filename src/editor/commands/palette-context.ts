import * as vscode from 'vscode';
import { runContext } from '../run-tree/run-context';
import type { RunIndex } from '../run-tree/run-index';

/** Keeps the palette's context keys up to date. */
export function followWithContext(runs: RunIndex): vscode.Disposable {
  const told = new Map<string, boolean>();
  return runs.onDidChange((experiments) => {
    for (const [key, value] of Object.entries(runContext(experiments))) {
      if (told.get(key) === value) continue;
      told.set(key, value);
      void vscode.commands.executeCommand('setContext', key, value);
    }
  });
}
