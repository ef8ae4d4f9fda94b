import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { repository, until, type Workbench } from './workbench';

/** Names of pictures in the themes of the settings. */
export const looks = [
  ['light', 'Default Light Modern'],
  ['dark', 'Default Dark Modern'],
  ['high-contrast', 'Default High Contrast'],
  ['high-contrast-light', 'Default High Contrast Light'],
] as const;
export const wide = { width: 1200, height: 780 };
const narrow = { width: 450, height: 780 };

/** A picture of the window as it is, in test-results; where PICTURES is set and it is kept, in media too, for README and docs. */
export async function picture(workbench: Workbench, name: string, isKept: boolean): Promise<void> {
  await workbench.screenshot(`look-${name}`);
  if (!process.env.PICTURES || !isKept) return;
  mkdirSync(path.join(repository, 'media'), { recursive: true });
  await workbench.page.screenshot({ path: path.join(repository, 'media', `${name}.png`) });
}

/** In a tab of a phone's width nothing is cut off. */
export async function looksNarrow(workbench: Workbench, panel: string, name: string, isKept = false): Promise<void> {
  await workbench.command('View: Close Primary Side Bar');
  await workbench.page.setViewportSize(narrow);
  try {
    const page = await workbench.webviewWith(`[data-panel="${panel}"]`); // without the inspector it is another frame in the row
    await until(() => page.locator('html').evaluate((html) => html.scrollWidth <= html.clientWidth + 1), 'a page as wide as its tab');
    await picture(workbench, `${name}-narrow`, isKept);
  } finally {
    await workbench.page.setViewportSize(wide);
    await workbench.openView('Soups');
  }
}
