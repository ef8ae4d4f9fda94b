import type { PanelActions } from '../../../../src/editor/panels/open-panel';
import { recordedEditor } from '../recorded-editor';

jest.doMock('vscode', () => recordedEditor().vscode, { virtual: true });

/** What the inspector is asked, in turn, by the panels of an experiment with one expert on the disk. */
async function inspecting(inspected: string | null = null) {
  const { panelActions } = await import('../../../../src/editor/commands/panel-actions');
  const asked: string[] = [];
  const checkpoints = { copies: {}, loaded: async () => [{ path: '/lab/runs/demo/experts/risky', weights: null }] };
  const inspector = { inspected, reveal: () => void asked.push('reveal'), inspect: async (at: string) => void asked.push(at) };
  const actions = panelActions({} as never, checkpoints as never, inspector as never, {} as never);
  const inspect = (weights: Readonly<Record<string, number>>, isAskedFor: boolean) => actions.inspect({ experimentDirectory: '/lab/runs/demo' } as Parameters<PanelActions['inspect']>[0], { type: 'inspect', selection: { weights }, isAskedFor });
  return { asked, inspect };
}

test('Inspect opens a hidden inspector, also on what it has already; what is only followed leaves it where it is', async () => {
  const risky = '/lab/runs/demo/experts/risky';
  const fresh = await inspecting();
  await fresh.inspect({ risky: 1, cautious: 0 }, false);
  await fresh.inspect({ risky: 1, cautious: 0 }, true);
  expect(fresh.asked).toEqual([risky, 'reveal', risky]);
  const again = await inspecting(risky);
  await again.inspect({ risky: 1, cautious: 0 }, true);
  expect(again.asked).toEqual(['reveal']);
});

test('where there is nothing to inspect, nothing opens', async () => {
  const { asked, inspect } = await inspecting();
  await inspect({ risky: 0.5, cautious: 0.5 }, true);
  expect(asked).toEqual([]);
});
