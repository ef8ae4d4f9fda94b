import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { chromium, type Browser, type FrameLocator, type Locator, type Page } from 'playwright-core';
import { installEditorHost, whyUnsupported } from '../../scripts/editor-host/install.cjs';
import { startServer, type EditorServer } from '../../scripts/editor-host/server.cjs';

export const repository = path.resolve(__dirname, '../..');
const pictures = path.join(repository, 'test-results');

const browserPath = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((file) => file !== undefined && existsSync(file));

/** Why no editor can be driven on this machine, or null. */
export function whyNoEditor(): string | null {
  return whyUnsupported() ?? (browserPath ? null : 'Chromium is not installed (Debian: apt-get install chromium; or set CHROMIUM)');
}

/** Keeps the browser on this machine: nothing is looked up or fetched in the background. */
const browserFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
];

const testSettings = {
  'workbench.reduceMotion': 'on',
  'workbench.hover.delay': 100_000, // a tooltip would cover the next row
  'workbench.editor.enablePreview': false,
  'explorer.autoReveal': false,
  'explorer.confirmDelete': false,
  'explorer.confirmDragAndDrop': false,
  'git.enabled': false,
  'typescript.disableAutomaticTypeAcquisition': true,
  'files.simpleDialog.enable': true,
};

function exactly(text: string): RegExp {
  return new RegExp(`^${text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$`);
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Polls until `condition` gives something truthy, and gives that. @throws Error naming `what` after `timeoutMs` */
export async function until<T>(condition: () => Promise<T> | T, what: string | (() => string), timeoutMs = 20_000): Promise<T> {
  let last: unknown;
  for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(100)) {
    try {
      const value = await condition();
      if (value) return value;
    } catch (error) {
      last = error;
    }
  }
  throw new Error(`timed out waiting for ${typeof what === 'string' ? what : what()}`, { cause: last });
}

/** A running VS Code with one folder open, driven like a user would: by mouse and keyboard. */
export class Workbench {
  private constructor(
    readonly page: Page,
    private readonly server: EditorServer,
    private readonly browser: Browser,
  ) {}

  /** @param extension the repository or a `.vsix`; EXTENSION in the environment overrides it */
  static async open(options: { workspace: string; settings?: Record<string, unknown>; trustPrompt?: boolean; extension?: string; companions?: readonly string[]; width?: number; height?: number }): Promise<Workbench> {
    installEditorHost();
    const extension = options.extension ?? process.env.EXTENSION ?? repository;
    const server = await startServer({ ...options, extension, settings: { ...testSettings, ...options.settings } });
    try {
      const browser = await chromium.launch({ executablePath: browserPath, args: browserFlags });
      const context = await browser.newContext({ viewport: { width: options.width ?? 1280, height: options.height ?? 800 }, locale: 'en-US' });
      context.setDefaultTimeout(30_000);
      const workbench = new Workbench(await context.newPage(), server, browser);
      await workbench.page.goto(server.url);
      await workbench.ready();
      return workbench;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
  }

  private async ready(): Promise<void> {
    for (const part of ['.monaco-workbench', '.part.statusbar .statusbar-item', '.sidebar .pane-header']) await this.page.locator(part).first().waitFor({ timeout: 60_000 });
  }

  /** Opens a view container; a click on the one that is shown would hide it. */
  async openView(name: string): Promise<void> {
    const action = this.page.locator(`.activitybar .action-item a.action-label[aria-label^="${name}"]`);
    const shown = this.page.locator(`.activitybar .action-item.checked a[aria-label^="${name}"]`);
    await action.waitFor({ timeout: 60_000 });
    await until(async () => {
      if (await shown.count()) return true;
      await action.click();
      await sleep(300);
      return false;
    }, `view ${name}`);
  }

  /** Rows of the side bar by their label, which a description behind it may repeat; `view` narrows to one of its sections. */
  rows(label: string, view?: string): Locator {
    const section = view === undefined ? '.sidebar' : `.sidebar .pane:has(.pane-header[aria-label^="${view}"])`;
    const name = this.page.locator('.label-name').filter({ hasText: exactly(label) });
    return this.page.locator(`${section} .monaco-list-row`).filter({ has: name });
  }

  /** Waits until a row reads so: it may be drawn before everything that it says is known. */
  async rowReads(row: Locator, text: string | RegExp): Promise<void> {
    await row.filter({ hasText: text }).first().waitFor({ timeout: 60_000 });
  }

  /** Selects exactly these rows by ctrl+click, which opens nothing; a plain click in the Explorer would open the file. */
  async select(...names: string[]): Promise<void> {
    await this.rows(names[0]).first().waitFor({ timeout: 60_000 });
    const countSelected = () => this.page.locator('.sidebar .monaco-list-row.selected').count();
    const isSelected = async (name: string) => /\bselected\b/.test((await this.rows(name).first().getAttribute('class')) ?? '');
    await until(async () => {
      const state = await Promise.all(names.map(isSelected));
      const selected = await countSelected();
      if (state.every(Boolean) && selected === names.length) {
        await sleep(250); // the tree may still be refreshing
        return (await countSelected()) === names.length;
      }
      if (selected > state.filter(Boolean).length) {
        await this.page.keyboard.press('Escape'); // clears a tree's selection
        await sleep(100);
        if ((await countSelected()) === selected) await this.page.locator('.sidebar .monaco-list-row.selected').first().click({ modifiers: ['Control'] });
        return false;
      }
      await this.rows(names[state.indexOf(false)]).first().click({ modifiers: ['Control'] });
      return false;
    }, `selection of ${names.join(', ')}`);
  }

  /** A context menu ignores the mouse for its first 100 ms: wait, click, see that it closed, else again. */
  async contextMenu(row: string, item: string | RegExp, view?: string): Promise<void> {
    const entry = this.page.getByRole('menuitem', { name: item });
    await until(async () => {
      await this.rows(row, view).first().click({ button: 'right' });
      try {
        await entry.waitFor({ timeout: 5000 });
        await sleep(250);
        await entry.click({ timeout: 2000 });
        await entry.waitFor({ state: 'detached', timeout: 2000 });
        return true;
      } catch (error) {
        await this.page.keyboard.press('Escape');
        throw error;
      }
    }, `menu item ${item}`);
  }

  get quickInput(): Locator {
    return this.page.locator('.quick-input-widget');
  }

  async pick(label: string, timeout = 30_000): Promise<void> {
    const row = this.quickInput.locator('.monaco-list-row', { hasText: label }).first();
    await row.waitFor({ timeout });
    await row.click();
  }

  /** Answers the input box whose prompt or title contains `prompt`; without `value` the proposal is taken. */
  async answer(prompt: string, value?: string): Promise<void> {
    await this.quickInput.filter({ hasText: prompt }).waitFor();
    const input = this.quickInput.locator('input.input');
    if (value !== undefined) await input.fill(value);
    await input.press('Enter');
  }

  async command(title: string): Promise<void> {
    await until(async () => {
      await this.page.keyboard.press('F1');
      const input = this.quickInput.locator('input.input');
      try {
        await input.waitFor({ timeout: 3000 });
        await input.fill(`>${title}`);
        await this.quickInput.locator('.monaco-list-row.focused', { hasText: title }).waitFor({ timeout: 5000 });
        await input.press('Enter');
        return true;
      } catch (error) {
        await this.page.keyboard.press('Escape');
        throw error;
      }
    }, `command ${title}`);
  }

  /** Opens a file of the workspace through the quick-open box. */
  async openFile(name: string): Promise<void> {
    const row = this.quickInput.locator('.monaco-list-row', { hasText: path.basename(name) }).first();
    await until(async () => {
      await this.page.keyboard.press('Control+P'); // lists the files that there are now: one just written may come late
      await this.quickInput.locator('input.input').fill(name);
      return row.waitFor({ timeout: 5000 }).then(() => true, () => this.page.keyboard.press('Escape'));
    }, `${name} among the files`, 60_000);
    await row.click();
    await this.tab(path.basename(name)).waitFor();
  }

  /** The webview whose document has an element that matches, wherever it is shown. */
  async webviewWith(selector: string, timeoutMs = 90_000): Promise<FrameLocator> {
    return until(
      async () => {
        const frames = this.page.locator('iframe.webview.ready');
        for (let index = 0; index < (await frames.count()); index++) {
          if (!(await frames.nth(index).isVisible())) continue;
          const name = await frames.nth(index).getAttribute('name'); // its place changes as others open and close
          const document = this.page.locator(`iframe.webview[name="${name}"]`).contentFrame().frameLocator('#active-frame');
          if (await document.locator(selector).count()) return document;
        }
        return null;
      },
      `a webview with ${selector}`,
      timeoutMs,
    ) as Promise<FrameLocator>;
  }

  /** Selects a row of *Checkpoints* until the inspector shows it: VS Code tells no selection of a row that it is just drawing anew. */
  async inspect(label: string): Promise<FrameLocator> {
    let says: string | null = null;
    return until(async () => {
      await this.rows(label, 'Checkpoints').first().click();
      const inspector = await this.webviewWith('[data-panel="inspector"]');
      if (await inspector.locator('h1', { hasText: label }).waitFor({ timeout: 5000 }).then(() => true, () => false)) return inspector;
      says = await inspector.locator('body').innerText();
      await this.page.keyboard.press('Escape'); // what is selected already would not be told again
      return null;
    }, () => `the inspector on ${label}; it says: ${says}`, 60_000) as Promise<FrameLocator>;
  }

  /** Names the soup of the blend panel that is open, saves it, and waits until it is there. */
  async saveSoup(name: string): Promise<void> {
    const panel = await this.webviewWith('[data-panel="blend"] .blend');
    await panel.getByText('They can be blended').waitFor({ timeout: 60_000 });
    await panel.getByLabel('Name of the soup').fill(name);
    await panel.getByRole('button', { name: 'Save Soup' }).click();
    await panel.getByText(`Soup ${name} created`).waitFor({ timeout: 60_000 });
  }

  tab(title: string): Locator {
    return this.page.locator('.tabs-container .tab', { hasText: title });
  }

  notification(text: string | RegExp): Locator {
    return this.page.locator('.notifications-toasts .notification-list-item', { hasText: text });
  }

  /** Reloads by the command, which saves the workbench's state first; the browser's reload loses its last seconds. */
  async reload(): Promise<void> {
    const navigated = this.page.waitForEvent('framenavigated', { predicate: (frame) => frame === this.page.mainFrame(), timeout: 30_000 });
    await this.command('Developer: Reload Window');
    await navigated;
    await this.ready();
  }

  async screenshot(name: string): Promise<string> {
    mkdirSync(pictures, { recursive: true });
    const file = path.join(pictures, `${name}.png`);
    await this.page.screenshot({ path: file });
    return file;
  }
}
