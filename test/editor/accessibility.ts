import { readFileSync } from 'node:fs';
import type axe from 'axe-core';
import type { FrameLocator } from 'playwright-core';

const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** What axe-core finds wrong with a panel's page, one line a kind of violation. */
export async function violations(document: FrameLocator): Promise<string[]> {
  // evaluated by the debugger: the page's policy allows no script of ours
  return document.locator('body').evaluate(async (body, source) => {
    if (!('axe' in window)) (0, eval)(source);
    const { axe: checker } = window as unknown as { axe: typeof axe };
    const { violations: found } = await checker.run(body, { resultTypes: ['violations'] });
    return found.map(({ id, help, nodes }) => `${id}: ${help} (${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')})`);
  }, axeSource);
}
