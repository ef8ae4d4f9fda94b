export * from '@vscode/webview-ui-toolkit';
