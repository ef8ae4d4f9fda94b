import { existsSync } from 'node:fs';
import path from 'node:path';
import raw from '../../../package.json';
import texts from '../../../package.nls.json';
import { backendSettings, blendPanelViewType, commands, contextKeys, customEditors, notificationSettings, panelViewType, settings, settingsSection, treeItems, viewContainer, views } from '../../../src/editor/contributions';
import { isExperimentFile } from '../../../src/editor/experiment-language/experiment-file';
import { backendNames } from '../../../src/experiment/schema';
import { panelKinds } from '../../../src/protocol/panels';
import { recordedEditor } from './recorded-editor';

/** The manifest in words, as the editor shows it. */
const manifest = JSON.parse(JSON.stringify(raw), (_, value: unknown) => {
  const key = typeof value === 'string' ? /^%(.+)%$/.exec(value)?.[1] : undefined;
  return key === undefined ? value : (texts as Readonly<Record<string, string>>)[key];
}) as typeof raw;
const { contributes } = manifest;
const root = path.resolve(__dirname, '../../..');
const menus = Object.entries(contributes.menus).flatMap(([menu, entries]) => (entries as { command: string; when?: string; group?: string }[]).map((entry) => ({ menu, ...entry })));
const conditions = menus.flatMap(({ when }) => (when === undefined ? [] : [when]));
const enablements = contributes.commands.flatMap((entry) => ('enablement' in entry ? [entry.enablement as string] : []));
const allConditions = [...conditions, ...enablements, ...contributes.viewsWelcome.map(({ when }) => when), ...contributes.keybindings.map(({ when }) => when)];

/** Context keys of VS Code itself, from its list of when clause contexts. */
const editorKeys = ['isWorkspaceTrusted', 'view', 'viewItem', 'listMultiSelection', 'resourceExtname', 'resourceFilename', 'resourcePath', 'explorerResourceIsFolder', 'resourceScheme', 'virtualWorkspace', 'activeWebviewPanelId', 'activeCustomEditorId', 'terminalFocus', 'workspaceFolderCount', 'false'];

/** The keys that a condition looks at: names on the left of an operator, or on the right of `in`. */
function keysOf(when: string): string[] {
  const clauses = when.replace(/=~ \/(?:[^/\\]|\\.)*\//g, '').replace(/[=!]= ?'?[\w.-]+'?/g, '').split(/&&|\|\||[!()]|\bin\b/);
  return clauses.map((clause) => clause.trim()).filter((clause) => clause !== '');
}

test('every command is declared, and nothing else is', () => {
  expect(contributes.commands.map(({ command }) => command).sort()).toEqual(Object.values(commands).sort());
});

test('menus and welcome views name declared commands', () => {
  const known: readonly string[] = Object.values(commands);
  for (const { command } of menus) expect(known).toContain(command);
  const steps = contributes.walkthroughs.flatMap((walkthrough) => walkthrough.steps);
  const linked = [...contributes.viewsWelcome.map(({ contents }) => contents), ...steps.map(({ description }) => description)].flatMap((contents) => [...contents.matchAll(/command:(rewardedSoups\.\w+)/g)].map(([, command]) => command));
  for (const command of [...linked, ...contributes.keybindings.map((binding) => binding.command)]) expect(known).toContain(command);
});

test('views lie in the declared container', () => {
  expect(contributes.viewsContainers.activitybar.map(({ id }) => id)).toEqual([viewContainer]);
  expect(contributes.views[viewContainer].map(({ id }) => id)).toEqual(Object.values(views));
});

test('context keys that the manifest looks at are those that the code sets', () => {
  const own = allConditions.flatMap((when) => [...when.matchAll(/(?<!view == )\brewardedSoups\.\w+/g)].map(([key]) => key));
  expect([...new Set(own)].sort()).toEqual(Object.values(contextKeys).sort());
});

test('custom editors are declared', () => {
  expect(contributes.customEditors.map(({ viewType }) => viewType)).toEqual(Object.values(customEditors));
});

test('what starts processes or writes files needs a trusted workspace', () => {
  const trusted = contributes.commands.flatMap((entry) => ('enablement' in entry && (entry.enablement as string).startsWith('isWorkspaceTrusted') ? [entry.command] : []));
  expect(trusted.sort()).toEqual([commands.newExperiment, commands.openExample, commands.report, commands.resumeRun, commands.runExperiment, commands.runMerge, commands.sweep, commands.train].sort());
  expect(manifest.capabilities.untrustedWorkspaces.supported).toBe('limited');
});

test('what needs a disk is not offered for files of other file systems', () => {
  const viewers: readonly string[] = [commands.inspectCheckpoint, commands.showRewardCurves, commands.showLmcCheck, commands.showSpiderMap, commands.showFront];
  const enabled = contributes.commands.flatMap((entry) => ('enablement' in entry && (entry.enablement as string).includes('!virtualWorkspace') ? [entry.command] : []));
  expect(enabled.sort()).toEqual([commands.createSoup, commands.newExperiment, commands.openExample, commands.report, commands.resumeRun, commands.runExperiment, commands.runMerge, commands.sweep, commands.train].sort());
  const ofFiles = menus.filter(({ menu }) => menu === 'explorer/context' || menu === 'editor/title/run');
  for (const { command, when } of ofFiles) expect([command, when!.includes('resourceScheme =~ /^(file|vscode-remote)$/')]).toEqual([command, !viewers.includes(command)]);
  const ofRows = menus.filter(({ menu, when }) => menu === 'view/item/context' && when!.includes('checkpoint') && new RegExp(/viewItem =~ \/(.*?)\/(?= |$)/.exec(when!)![1]).test(treeItems.virtualCheckpoint)).map(({ command }) => command);
  expect(ofRows.sort()).toEqual([commands.inspectCheckpoint, commands.revealCheckpoint].sort());
  expect(manifest.capabilities.virtualWorkspaces.supported).toBe('limited');
});

test('settings and their values are those of the code', () => {
  const { properties } = contributes.configuration;
  expect(Object.keys(properties).sort()).toEqual(Object.values(settings).map((name) => `${settingsSection}.${name}`).sort());
  expect(properties['rewardedSoups.backend'].enum).toEqual([...backendSettings]);
  expect(properties['rewardedSoups.backend'].enum.slice(1)).toEqual([...backendNames]);
  expect(properties['rewardedSoups.backend'].default).toBe(backendSettings[0]);
  expect(properties['rewardedSoups.notifications'].enum).toEqual([...notificationSettings]);
  for (const property of [properties['rewardedSoups.backend'], properties['rewardedSoups.notifications']]) expect(property.enumDescriptions).toHaveLength(property.enum.length);
  for (const restricted of manifest.capabilities.untrustedWorkspaces.restrictedConfigurations) expect(Object.keys(properties)).toContain(restricted);
});

test('each panel that a reload restores wakes the extension', () => {
  const awaited = manifest.activationEvents.filter((event) => event.startsWith('onWebviewPanel:'));
  expect(awaited).toEqual([...panelKinds.map(panelViewType), blendPanelViewType].map((type) => `onWebviewPanel:${type}`));
});

test('menus tell tree items apart by the values that the code gives them', () => {
  const patterns = conditions.flatMap((when) => [...when.matchAll(/viewItem =~ \/(.*?)\/(?= |$)/g)].map(([, pattern]) => new RegExp(pattern)));
  expect(patterns.length).toBeGreaterThan(0);
  const values = Object.values(treeItems);
  for (const pattern of patterns) expect(values.some((value) => pattern.test(value))).toBe(true);
  const inline = (item: string) => menus.filter(({ menu, when, ...entry }) => menu === 'view/item/context' && 'group' in entry && String(entry.group).startsWith('inline') && new RegExp(/viewItem =~ \/(.*?)\/$/.exec(when!)![1]).test(item)).map(({ command }) => command).sort();
  expect(inline(treeItems.run)).toEqual([commands.openRunLog, commands.resumeRun, commands.revealRun].sort());
  expect(inline(treeItems.doneRun)).toEqual([commands.openRunLog, commands.revealRun].sort());
  expect(inline(treeItems.activeRun)).toEqual([commands.openRunLog, commands.revealRun, commands.stopRun].sort());
});

test('menus know experiment files as the code does', () => {
  const when = conditions.find((condition) => condition.startsWith('resourceFilename') && condition.includes('soup'))!;
  const pattern = new RegExp(/=~ \/(.*?)\/(?= |$)/.exec(when)![1]);
  for (const name of ['soup.yaml', 'soup.yml', 'humanoid.soup.yaml', 'a-soup.yaml', 'soup.yaml.txt', 'xsoup.yaml']) expect([name, pattern.test(name)]).toEqual([name, isExperimentFile(name)]);
  expect(contributes.yamlValidation[0].fileMatch.map((glob) => glob.replace('*', 'a')).every(isExperimentFile)).toBe(true);
});

test('every step of the walkthrough is done by a command that it links, and shows something', () => {
  for (const { steps } of contributes.walkthroughs) {
    for (const { id, description, completionEvents, media } of steps) {
      const linked = [...description.matchAll(/\(command:([\w.]+)\)/g)].map(([, command]) => `onCommand:${command}`);
      expect([id, completionEvents]).toEqual([id, linked]);
      for (const file of Object.values('image' in media ? media.image! : { markdown: media.markdown! })) expect([file, existsSync(path.join(root, file))]).toEqual([file, true]);
    }
  }
  const [{ id }] = contributes.walkthroughs;
  expect(contributes.viewsWelcome.some(({ contents }) => contents.includes(encodeURIComponent(`"${manifest.publisher}.${manifest.name}#${id}"`)))).toBe(true);
});

test('every panel has a key of its own', () => {
  const shown = Object.values(commands).filter((command) => /\.show(?!Log|More)/.test(command));
  expect(contributes.keybindings.map(({ command }) => command)).toEqual(shown);
  expect(new Set(contributes.keybindings.map(({ key }) => key)).size).toBe(shown.length);
});

test('every text that the manifest shows is in package.nls.json, and every text there is shown', () => {
  const shown: string[] = [];
  const visit = (value: unknown, key: string): void => {
    if (typeof value === 'object' && value !== null) for (const [inner, part] of Object.entries(value)) visit(part, Array.isArray(value) ? key : inner);
    else if (typeof value === 'string' && ['title', 'category', 'description', 'markdownDescription', 'enumDescriptions', 'contents', 'name', 'contextualTitle', 'displayName', 'altText'].includes(key)) shown.push(value);
  };
  visit(raw.contributes, '');
  visit(raw.capabilities, '');
  expect(shown.filter((text) => !/^%.+%$/.test(text))).toEqual([]);
  const used = new Set([...shown, raw.description].map((text) => text.slice(1, -1)));
  expect(Object.keys(texts).filter((key) => !used.has(key))).toEqual([]);
  expect([...used].filter((key) => !(key in texts))).toEqual([]);
});

test('icons and schema are there', () => {
  const icons = [manifest.icon, contributes.viewsContainers.activitybar[0].icon, ...contributes.yamlValidation.map(({ url }) => url)];
  for (const file of icons) expect([file, existsSync(path.join(root, file))]).toEqual([file, true]);
});

describe('what the extension registers when it is activated', () => {
  const { vscode, recorded } = recordedEditor();
  const subscriptions: unknown[] = [];

  beforeAll(async () => {
    jest.doMock('vscode', () => vscode, { virtual: true });
    const { activate } = await import('../../../src/extension');
    const { readSettings } = await import('../../../src/editor/settings');
    activate({ subscriptions, extensionUri: vscode, workspaceState: { get: () => undefined, update: async () => undefined } } as unknown as Parameters<typeof activate>[0]);
    readSettings();
    await new Promise(setImmediate);
  });

  test('every contributed command, and no other', () => {
    expect([...recorded.commands.keys()].sort()).toEqual(contributes.commands.map(({ command }) => command).sort());
  });

  test('a provider for every view, every custom editor and every panel', () => {
    expect(recorded.views.sort()).toEqual(contributes.views[viewContainer].map(({ id }) => id).sort());
    expect(recorded.customEditors).toEqual(contributes.customEditors.map(({ viewType }) => viewType));
    expect(recorded.panels.sort()).toEqual([...panelKinds.map(panelViewType), blendPanelViewType].sort());
  });

  test('every setting is read', () => {
    expect([...new Set(recorded.settings)].sort()).toEqual(Object.keys(contributes.configuration.properties).sort());
  });

  test('every context key of our own is set', async () => {
    await recorded.commands.get(commands.clearCheckpointFilter)!();
    expect([...new Set(recorded.contextKeys)].sort()).toEqual(Object.values(contextKeys).sort());
  });

  test('what is registered is disposed of with the extension', () => {
    expect(subscriptions.length).toBeGreaterThan(10);
  });
});

test('every condition looks at keys that are set: ours, or the editor\'s own', () => {
  const known = new Set<string>([...Object.values(contextKeys), ...editorKeys]);
  for (const when of allConditions) expect([when, keysOf(when).filter((key) => !known.has(key))]).toEqual([when, []]);
});

test('every command has a category and a title, every icon is drawn where a menu shows the command as one', () => {
  for (const { category, title } of contributes.commands) {
    expect(category).toBe('Rewarded Soups');
    expect(title.trim()).not.toBe('');
  }
  const asIcons = menus.filter(({ group }) => group?.startsWith('inline') || group?.startsWith('navigation')).map(({ command }) => command);
  for (const command of asIcons) expect([command, contributes.commands.find((entry) => entry.command === command && 'icon' in entry) !== undefined]).toEqual([command, true]);
});

test('the palette offers a command only where there is something for it', () => {
  const palette = new Map(menus.filter(({ menu }) => menu === 'commandPalette').map(({ command, when }) => [command, when]));
  const anywhere = Object.values(commands).filter((command) => !palette.has(command));
  // these ask for a folder, say what is missing, or need nothing
  expect(anywhere.sort()).toEqual([commands.newExperiment, commands.openExample, commands.inspectCheckpoint, commands.clearCheckpointFilter, commands.showLog].sort());
  expect(palette.get(commands.stopRun)).toBe(contextKeys.isRunning);
  expect(palette.get(commands.resumeRun)).toBe(contextKeys.isResumable);
  for (const command of [commands.openRunLog, commands.revealRun]) expect(palette.get(command)).toBe(contextKeys.hasRuns);
});

test('commands that need something clicked are not in the palette', () => {
  const hidden = menus.filter(({ menu, when }) => menu === 'commandPalette' && when === 'false').map(({ command }) => command);
  expect(hidden.sort()).toEqual([commands.revealCheckpoint, commands.showMoreCheckpoints].sort());
});

test('every empty tree says what belongs there, in one way at a time, and every setting says what it does', () => {
  const isShown = (when: string, state: Readonly<Record<string, boolean>>) => when.split(' && ').every((part) => (part.startsWith('!') ? !state[part.slice(1)] : state[part]));
  for (const view of [views.checkpoints, views.runs]) {
    const welcome = contributes.viewsWelcome.filter((entry) => entry.view === view);
    for (let bits = 0; bits < 16; bits++) {
      const hasFolder = (bits & 1) !== 0;
      const state = { 'workspaceFolderCount == 0': !hasFolder, 'workspaceFolderCount != 0': hasFolder, isWorkspaceTrusted: (bits & 2) !== 0, [contextKeys.checkpointsFiltered]: (bits & 4) !== 0, virtualWorkspace: (bits & 8) !== 0 };
      expect([view, state, welcome.filter(({ when }) => isShown(when, state)).length]).toEqual([view, state, 1]);
    }
  }
  for (const property of Object.values(contributes.configuration.properties)) expect(('description' in property ? property.description : property.markdownDescription).length).toBeGreaterThan(20);
});

test('the extension wakes where its files are, when a panel is restored, and not at every start', () => {
  expect(manifest.activationEvents.filter((event) => !event.startsWith('onWebviewPanel:'))).toEqual(['onLanguage:yaml', 'workspaceContains:**/{soup.yaml,soup.yml,*.soup.yaml,*.soup.yml,run.json}']);
});
