import type { FrameLocator } from 'playwright-core';
import type { EditorTest } from './describe-editor';
import { sleep, until } from './workbench';

/** Settings' names of themes, what a webview's body says of each, and what pictures are called. */
export const themes = [
  ['Default Dark Modern', 'vscode-dark', 'dark'],
  ['Default High Contrast', 'vscode-high-contrast', 'high-contrast'],
  ['Default High Contrast Light', 'vscode-high-contrast-light', 'high-contrast-light'],
  ['Default Light Modern', 'vscode-light', 'light'],
] as const;

/** Changes the theme that a webview stands in. The settings are written again, as the editor may not watch them yet. */
export async function showTheme({ workspace }: EditorTest, [theme, kind]: readonly [theme: string, kind: string, name?: string], page: FrameLocator): Promise<void> {
  const isShown = async (): Promise<boolean> => (await page.locator('body').getAttribute('data-vscode-theme-kind')) === kind;
  await until(async () => {
    workspace.write('.vscode/settings.json', JSON.stringify({ 'workbench.colorTheme': theme }));
    return until(isShown, `the theme ${theme}`, 5000);
  }, `the theme ${theme} in ${kind}`, 40_000);
  await sleep(500); // the toolkit's controls follow the theme a little later
}
