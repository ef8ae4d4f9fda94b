import * as vscode from 'vscode';

/** how long a tab that is put in front may take to come back */
const patienceMs = 5000;
const glanceMs = 50;
const places = ['First', 'Second', 'Third', 'Fourth', 'Fifth', 'Sixth', 'Seventh', 'Eighth'];

/** The tabs of one type of panel. */
export interface PanelTabs {
  readonly viewType: string;
  /** the panels of this type that have come back, or were made */
  readonly panels: () => readonly Pick<vscode.WebviewPanel, 'title' | 'active'>[];
  /** whether what is looked for is among them */
  readonly isThere: () => boolean;
  /** whether a tab with this title may be what is looked for; asked for where a tab sleeps */
  readonly titles: () => Promise<(title: string) => boolean>;
}

/**
 * Puts a tab in front that came back with the window and has not been shown since. VS Code brings such a tab's panel back
 * when it is shown for the first time; before that an extension knows no more of it than type and title. So the tabs with
 * the right title are shown one after another, until what is looked for is there.
 * @returns whether it is there now
 */
export async function wakeTab({ viewType, panels, isThere, titles }: PanelTabs): Promise<boolean> {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs.flatMap((tab) => (typeOf(tab) === viewType ? [{ tab, group }] : [])));
  if (tabs.length <= panels().length) return isThere();
  const isWanted = await titles();
  const areAllAwake = (label: string): boolean => tabs.filter(({ tab }) => tab.label === label).length <= panels().filter(({ title }) => title === label).length;
  for (const { tab, group } of tabs) {
    if (isThere()) break;
    if (tab.isActive || !isWanted(tab.label) || areAllAwake(tab.label)) continue;
    const before = panels().length;
    await putInFront(tab, group);
    const isAnother = (): boolean => panels().length > before || (tab.isActive && panels().some(({ active, title }) => active && title === tab.label));
    for (const end = Date.now() + patienceMs; Date.now() < end && !isThere() && !isAnother(); ) await new Promise((resolve) => setTimeout(resolve, glanceMs));
  }
  return isThere();
}

/** By which name VS Code knows a webview's type, where it is an extension's. */
function typeOf({ input }: vscode.Tab): string | null {
  return input instanceof vscode.TabInputWebview ? input.viewType.replace(/^mainThreadWebview-/, '') : null;
}

/** There is no call for it: the commands of the tabs' keys do it. */
async function putInFront(tab: vscode.Tab, { viewColumn, tabs }: vscode.TabGroup): Promise<void> {
  const place = places[viewColumn - 1];
  if (place === undefined) return;
  await vscode.commands.executeCommand(`workbench.action.focus${place}EditorGroup`);
  await vscode.commands.executeCommand('workbench.action.openEditorAtIndex', tabs.indexOf(tab));
}
