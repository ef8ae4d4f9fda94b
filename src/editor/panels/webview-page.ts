import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import { pageHtml } from './page';

/** Where the bundles of the webviews lie. */
function bundleDirectory(extensionUri: vscode.Uri): vscode.Uri {
  return vscode.Uri.joinPath(extensionUri, 'dist', 'webviews');
}

/** Scripts on, files of dist/webviews only. */
export function webviewOptions(extensionUri: vscode.Uri): vscode.WebviewOptions {
  return { enableScripts: true, localResourceRoots: [bundleDirectory(extensionUri)] };
}

/**
 * The page that loads a webview's bundle.
 * @param bundle a PanelKind or `inspector`
 */
export function webviewPage(webview: vscode.Webview, extensionUri: vscode.Uri, bundle: string, title: string): string {
  const file = (extension: string): vscode.Uri => vscode.Uri.joinPath(bundleDirectory(extensionUri), `${bundle}.${extension}`);
  const style = file('css');
  return pageHtml({
    panel: bundle,
    title,
    scriptUri: webview.asWebviewUri(file('js')).toString(),
    styleUri: existsSync(style.fsPath) ? webview.asWebviewUri(style).toString() : null,
    cspSource: webview.cspSource,
    nonce: randomBytes(16).toString('base64url'),
    translation: vscode.l10n.bundle ? { language: vscode.env.language, texts: vscode.l10n.bundle } : null,
  });
}
