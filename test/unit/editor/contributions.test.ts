import { existsSync } from 'node:fs';
import path from 'node:path';
import manifest from '../../../package.json';
import { backendSettings, commands, contextKeys, customEditors, notificationSettings, panelViewType, settings, settingsSection, treeItems, viewContainer, views } from '../../../src/editor/contributions';
import { isExperimentFile } from '../../../src/editor/experiment-language/experiment-file';
import { backendNames } from '../../../src/experiment/schema';
import { panelKinds } from '../../../src/protocol/panels';

const { contributes } = manifest;
const root = path.resolve(__dirname, '../../..');
const menus = Object.entries(contributes.menus).flatMap(([menu, entries]) => (entries as { command: string; when?: string }[]).map((entry) => ({ menu, ...entry })));
const conditions = menus.flatMap(({ when }) => (when === undefined ? [] : [when]));

test('every command is declared, and nothing else is', () => {
  expect(contributes.commands.map(({ command }) => command).sort()).toEqual(Object.values(commands).sort());
});

test('menus and welcome views name declared commands', () => {
  const known: readonly string[] = Object.values(commands);
  for (const { command } of menus) expect(known).toContain(command);
  const linked = contributes.viewsWelcome.flatMap(({ contents }) => [...contents.matchAll(/command:(rewardedSoups\.\w+)/g)].map(([, command]) => command));
  for (const command of linked) expect(known).toContain(command);
});

test('views lie in the declared container', () => {
  expect(contributes.viewsContainers.activitybar.map(({ id }) => id)).toEqual([viewContainer]);
  expect(contributes.views[viewContainer].map(({ id }) => id)).toEqual(Object.values(views));
});

test('context keys that the manifest looks at are those that the code sets', () => {
  const enabled = contributes.commands.flatMap((entry) => ('enablement' in entry ? [entry.enablement as string] : []));
  const own = [...conditions, ...enabled].flatMap((when) => [...when.matchAll(/(?<!view == )\brewardedSoups\.\w+/g)].map(([key]) => key));
  expect([...new Set(own)].sort()).toEqual(Object.values(contextKeys).sort());
});

test('custom editors are declared', () => {
  expect(contributes.customEditors.map(({ viewType }) => viewType)).toEqual(Object.values(customEditors));
});

test('what starts processes or writes files needs a trusted workspace', () => {
  const trusted = contributes.commands.flatMap((entry) => ('enablement' in entry && entry.enablement === 'isWorkspaceTrusted' ? [entry.command] : []));
  expect(trusted.sort()).toEqual([commands.createSoup, commands.report, commands.resumeRun, commands.runExperiment, commands.runMerge, commands.sweep, commands.train].sort());
  expect(manifest.capabilities.untrustedWorkspaces.supported).toBe('limited');
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
  expect(awaited).toEqual(panelKinds.map((kind) => `onWebviewPanel:${panelViewType(kind)}`));
});

test('menus tell tree items apart by the values that the code gives them', () => {
  const patterns = conditions.flatMap((when) => [...when.matchAll(/viewItem =~ \/(.*?)\/(?= |$)/g)].map(([, pattern]) => new RegExp(pattern)));
  expect(patterns.length).toBeGreaterThan(0);
  const values = Object.values(treeItems);
  for (const pattern of patterns) expect(values.some((value) => pattern.test(value))).toBe(true);
  const inline = (item: string) => menus.filter(({ menu, when, ...entry }) => menu === 'view/item/context' && 'group' in entry && String(entry.group).startsWith('inline') && new RegExp(/viewItem =~ \/(.*?)\/$/.exec(when!)![1]).test(item)).map(({ command }) => command).sort();
  expect(inline(treeItems.run)).toEqual([commands.openRunLog, commands.resumeRun].sort());
  expect(inline(treeItems.doneRun)).toEqual([commands.openRunLog]);
  expect(inline(treeItems.activeRun)).toEqual([commands.openRunLog, commands.stopRun].sort());
});

test('menus know experiment files as the code does', () => {
  const when = conditions.find((condition) => condition.startsWith('resourceFilename') && condition.includes('soup'))!;
  const pattern = new RegExp(/=~ \/(.*)\/$/.exec(when)![1]);
  for (const name of ['soup.yaml', 'soup.yml', 'humanoid.soup.yaml', 'a-soup.yaml', 'soup.yaml.txt', 'xsoup.yaml']) expect([name, pattern.test(name)]).toEqual([name, isExperimentFile(name)]);
  expect(contributes.yamlValidation[0].fileMatch.map((glob) => glob.replace('*', 'a')).every(isExperimentFile)).toBe(true);
});

test('icons and schema are there', () => {
  const icons = [manifest.icon, contributes.viewsContainers.activitybar[0].icon, contributes.yamlValidation[0].url];
  for (const file of icons) expect([file, existsSync(path.join(root, file))]).toEqual([file, true]);
});
