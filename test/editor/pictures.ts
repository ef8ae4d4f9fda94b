import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { repository, sleep, until, type Workbench } from './workbench';

/** A window in which a tab has a phone's width, 400 px, beside the row of views. */
export const narrow = { width: 450, height: 780 };

/**
 * A picture of the window. Where PICTURES is set, as scripts/pictures.mjs does, it goes to the docs: README's are in media/,
 * which is packaged, the others in docs/pictures/.
 */
export async function picture(workbench: Workbench, name: string): Promise<void> {
  await sleep(300); // charts are drawn anew when their width has changed
  await workbench.screenshot(`look-${name}`);
  if (!process.env.PICTURES || name.includes('high-contrast-light')) return;
  const [packaged, other] = ['media', 'docs/pictures'].map((folder) => path.join(repository, folder, `${name}.png`)) as [string, string];
  const file = existsSync(packaged) ? packaged : other;
  mkdirSync(path.dirname(file), { recursive: true });
  await workbench.page.screenshot({ path: file });
}

/** Waits until nothing is cut off at the page's side. */
export async function fits(page: FrameLocator): Promise<void> {
  await until(() => page.locator('html').evaluate((html) => html.scrollWidth <= html.clientWidth + 1), 'a page as wide as its tab');
}
