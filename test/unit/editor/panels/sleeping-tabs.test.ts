class TabInputWebview {
  constructor(readonly viewType: string) {}
}
interface Tab {
  readonly label: string;
  readonly input: TabInputWebview;
  readonly isActive: boolean;
}

/** Two groups of tabs; a tab that is put in front for the first time gives its panel, as VS Code does. */
function openWindow(...groups: readonly (readonly (readonly [label: string, source: string | null])[])[]) {
  const panels: { readonly title: string; readonly source: string; readonly active: boolean }[] = [];
  const sources = new Map<Tab, string | null>();
  const shown: string[] = [];
  let front: Tab | null = null;
  let group = 0;
  const all = groups.map((tabs, place) => ({
    viewColumn: place + 1,
    tabs: tabs.map(([label, source], index): Tab => {
      const tab: Tab = { label, input: new TabInputWebview('mainThreadWebview-rewardedSoups.front'), get isActive() { return tab === front || (front === null && index === 0); } };
      sources.set(tab, source);
      return tab;
    }),
  }));
  const wake = (tab: Tab): void => {
    const source = sources.get(tab);
    front = tab;
    if (source && !panels.some((panel) => panel.source === source)) panels.push({ title: tab.label, source, get active() { return tab === front; } });
  };
  all.forEach(({ tabs }) => tabs[0] && wake(tabs[0]));
  front = null;
  const executeCommand = async (command: string, index?: number) => {
    const focused = ['First', 'Second'].findIndex((place) => command === `workbench.action.focus${place}EditorGroup`);
    if (focused >= 0) group = focused;
    else wake(all[group]!.tabs[index!]!);
    if (index !== undefined) shown.push(`${group}/${index}`);
  };
  jest.resetModules();
  jest.doMock('vscode', () => ({ TabInputWebview, window: { tabGroups: { all } }, commands: { executeCommand } }), { virtual: true });
  return {
    shown,
    look: async (title: string, source: string) => {
      const { wakeTab } = await import('../../../../src/editor/panels/sleeping-tabs');
      return wakeTab({ viewType: 'rewardedSoups.front', panels: () => panels, isThere: () => panels.some((panel) => panel.source === source), titles: async () => (label) => label === title });
    },
  };
}

test('the sleeping tab with the title is put in front, in whichever group it is', async () => {
  const { look, shown } = openWindow([['Pareto Front: a', '/a'], ['Pareto Front: b', '/b']], [['Pareto Front: d', '/d'], ['Pareto Front: e', '/e'], ['Pareto Front: c', '/c']]);
  expect(await look('Pareto Front: c', '/c')).toBe(true);
  expect(shown).toEqual(['1/2']);
});

test('of two with the same title the right one is found, and one that is there already is left alone', async () => {
  const { look, shown } = openWindow([['Pareto Front: other', '/other'], ['Pareto Front: a', '/one/a'], ['Pareto Front: a', '/two/a']]);
  expect(await look('Pareto Front: a', '/two/a')).toBe(true);
  expect(shown).toEqual(['0/1', '0/2']);
  expect(await look('Pareto Front: a', '/two/a')).toBe(true);
  expect(shown).toHaveLength(2);
});

test('where no tab sleeps, or none with the title, nothing is shown', async () => {
  const awake = openWindow([['Pareto Front: a', '/a']]);
  expect(await awake.look('Pareto Front: b', '/b')).toBe(false);
  const others = openWindow([['Pareto Front: a', '/a'], ['Pareto Front: c', '/c']]);
  expect(await others.look('Pareto Front: b', '/b')).toBe(false);
  expect([...awake.shown, ...others.shown]).toEqual([]);
});
