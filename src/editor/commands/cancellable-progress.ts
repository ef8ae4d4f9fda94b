import * as vscode from 'vscode';

/**
 * Does work under a notification with a progress bar and Cancel. Resolves to null when the user cancels.
 * @param work reports the fraction that is done, 0 to 1
 */
export async function cancellableProgress<T>(title: string, work: (signal: AbortSignal, report: (fraction: number) => void) => Promise<T>): Promise<T | null> {
  return vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, async (progress, token) => {
    const abort = new AbortController();
    const subscription = token.onCancellationRequested(() => abort.abort());
    let shown = 0;
    try {
      return await work(abort.signal, (fraction) => {
        progress.report({ increment: (fraction - shown) * 100 });
        shown = fraction;
      });
    } catch (error) {
      if (abort.signal.aborted) return null;
      throw error;
    } finally {
      subscription.dispose();
    }
  });
}

/** Share of a job's time that each of its phases takes, roughly. */
export type Shares<Phase extends string> = Readonly<Record<Phase, { readonly from: number; readonly size: number }>>;

/** The fraction of the whole, from that of a phase. */
export function wholeFraction<Phase extends string>(shares: Shares<Phase>, { phase, fraction }: { readonly phase: Phase; readonly fraction: number }): number {
  return shares[phase].from + shares[phase].size * fraction;
}
