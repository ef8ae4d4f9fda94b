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
