import * as vscode from 'vscode';
import { views } from '../contributions';
import type { RunIndex } from '../run-tree/run-index';
import { statusText } from './status-text';

/** An entry of the status bar that is there only while something runs, and leads to the Runs view. */
export function createStatusItem(runs: RunIndex): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('rewardedSoups.status', vscode.StatusBarAlignment.Left, 0);
  item.name = 'Rewarded Soups';
  item.command = `${views.runs}.focus`;
  const subscription = runs.onDidChange((experiments) => {
    const status = statusText(experiments);
    if (!status) {
      item.hide();
      return;
    }
    item.text = status.text;
    item.tooltip = status.tooltip;
    item.show();
  });
  return vscode.Disposable.from(subscription, item);
}
