import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { installEditorHost } from '../../scripts/editor-host/install.cjs';
import { startServer } from '../../scripts/editor-host/server.cjs';
import { root } from '../bundle.mjs';

/** Milliseconds that VS Code takes to load and activate the extension, which another extension asks it for. @param extension the repository or a `.vsix` */
export async function activationInEditor(extension, directory) {
  installEditorHost();
  mkdirSync(directory);
  const answer = path.join(directory, 'activation.json');
  const server = await startServer({ extension, companions: [path.join(root, 'bench', 'editor', 'activation-timer')], workspace: directory });
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });
  try {
    await (await browser.newPage()).goto(server.url);
    for (const end = Date.now() + 120_000; !existsSync(answer); await new Promise((resolve) => setTimeout(resolve, 200))) if (Date.now() > end) throw new Error('VS Code has not activated the extension.');
    return JSON.parse(readFileSync(answer, 'utf8')).totalMs;
  } finally {
    await browser.close();
    await server.stop();
  }
}
