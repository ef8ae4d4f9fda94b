import type * as vscode from 'vscode';
import { isText, messageReader, type Reader } from '../../protocol/check';

/** What a page says of a message that it has refused. */
interface Refusal {
  readonly type: 'refused';
  readonly reason: string;
}
const readRefusal = messageReader<Refusal>({ refused: { reason: isText } });

/**
 * Hands on the messages of a page that are as the protocol says. Others are refused with a line in the log, and so is
 * told there what the page has refused of ours.
 * @param page its title in the log
 */
export function onPageMessage<M>(webview: Pick<vscode.Webview, 'onDidReceiveMessage'>, read: Reader<M>, page: () => string, log: Pick<vscode.LogOutputChannel, 'warn'>, answer: (message: M) => unknown): vscode.Disposable {
  return webview.onDidReceiveMessage((raw: unknown) => {
    const refusal = readRefusal(raw);
    if (refusal !== null) return log.warn(`${page()}: the page refused a message: ${refusal.reason}`);
    const message = read(raw, (reason) => log.warn(`${page()}: refused a message of the page: ${reason}`));
    if (message !== null) return void answer(message);
  });
}

/** How long a page may take to get a message before its host goes on. */
export const deliveryMs = 5000;

/**
 * Posts a message to a page and says whether the page has it. The answer never comes where a page is made anew while a
 * message is on the way, so it is waited for some seconds at most; a page that is gone has nothing. Never throws: the log
 * has what went wrong.
 * @param page its title in the log
 */
export async function postToPage({ webview, visible: isShown }: PageHolder, message: unknown, page: () => string, log: Pick<vscode.LogOutputChannel, 'warn'>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<null>((resolve) => (timer = setTimeout(resolve, deliveryMs, null)));
  try {
    const isDelivered = await Promise.race([webview.postMessage(message), tooLong]);
    // to a page that is hidden, VS Code delivers when it is shown again
    if (isDelivered === null && isShown) log.warn(`${page()}: the page has not taken a message in ${deliveryMs / 1000} s: it is not waited for any longer`);
    return isDelivered === true;
  } catch (error) {
    log.warn(`${page()}: a message did not reach the page: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/** A panel or a view of the side bar. */
interface PageHolder {
  readonly webview: Pick<vscode.Webview, 'postMessage'>;
  readonly visible: boolean;
}
