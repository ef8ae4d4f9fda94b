import type * as vscode from 'vscode';
import type { LanguageResults, LanguageWork, LanguageWorker } from './worker/work';

/** Has the worker do what a provider needs; null when the editor does not want the answer any more. */
export async function ask<W extends LanguageWork>(worker: LanguageWorker, work: W, token: vscode.CancellationToken): Promise<LanguageResults[W['kind']] | null> {
  const abort = new AbortController();
  const subscription = token.onCancellationRequested(() => abort.abort());
  try {
    return await worker.run(work, { signal: abort.signal });
  } catch (error) {
    if (token.isCancellationRequested) return null;
    throw error;
  } finally {
    subscription.dispose();
  }
}
