import { checkLmc } from '../../src/analysis/lmc';
import { paretoFront } from '../../src/analysis/front';
import type { ResultPoint } from '../../src/analysis/results';
import { methodForms } from '../../src/editor/blend-panel/method-forms';
import { LocalCopies } from '../../src/editor/virtual-files/local-copies';
import { readToBlendPanel, type FromBlendPanel, type ToBlendPanel } from '../../src/protocol/blend-panel';
import { panelKinds, type PanelKind, type SnapshotOf } from '../../src/protocol/panels';
import { mountBlend } from '../../webviews/blend/blend';
import { front } from '../../webviews/front/panel';
import { registerControls } from '../../webviews/kit/controls';
import type { PanelDefinition } from '../../webviews/kit/panel';
import { lmcCheck } from '../../webviews/lmc-check/panel';
import { rewardCurves } from '../../webviews/reward-curves/panel';
import { spiderMapPanel } from '../../webviews/spider-map/panel';
import { study } from '../../webviews/study/panel';
import { recordedEditor } from '../unit/editor/recorded-editor';
import { openLine } from './line';
import { openPanel } from './page';

/*
 * After a reload VS Code gives each panel's host the state that its page has kept, and the page gets it too: what a page
 * writes, both have to read again.
 */
type Restored = { title: string; iconPath?: unknown; readonly webview: { options?: unknown; html: string; cspSource: string; asWebviewUri(uri: unknown): unknown; onDidReceiveMessage(): object; postMessage(): Promise<boolean> }; isDisposed: boolean };
type Serializer = { deserializeWebviewPanel(panel: unknown, state: unknown): Promise<void> };
const serializers = new Map<string, Serializer>();
const { vscode } = recordedEditor();
(vscode as { window: { registerWebviewPanelSerializer: unknown } }).window.registerWebviewPanelSerializer = (viewType: string, serializer: Serializer) => (serializers.set(viewType, serializer), { dispose: () => undefined });
jest.doMock('vscode', () => vscode, { virtual: true });

const nothing = { dispose: () => undefined };
const copies = new LocalCopies({} as never, { file: (fsPath: string) => ({ scheme: 'file', fsPath }) } as never); // everything here is on the disk
const log = { warn: () => undefined, error: () => undefined };

/** What a host makes of a panel with this state: its page, or null where the panel is closed. */
async function restore(viewType: string, state: unknown): Promise<string | null> {
  const panel: Restored & Record<string, unknown> = {
    title: '', visible: true, isDisposed: false, onDidChangeViewState: () => nothing, onDidDispose: () => nothing, dispose: () => (panel.isDisposed = true),
    webview: { html: '', cspSource: 'https://host', asWebviewUri: () => 'https://host/page', onDidReceiveMessage: () => nothing, postMessage: async () => true },
  };
  await serializers.get(viewType)!.deserializeWebviewPanel(panel, JSON.parse(JSON.stringify(state))); // as VS Code keeps it
  return panel.isDisposed ? null : panel.webview.html;
}

const point = (kind: ResultPoint['kind'], name: string, weights: Record<string, number>, a: number, b: number): ResultPoint => ({ kind, name, weights, rewards: { a: { mean: a, samples: [a, a] }, b: { mean: b, samples: [b, b] } } });
const points = [point('expert', 'x', { x: 1, y: 0 }, 2, 0), point('expert', 'y', { x: 0, y: 1 }, 0, 2), point('soup', 's', { x: 0.5, y: 0.5 }, 1.5, 1.5)];
const line = { step: [0, 1], seconds: [0, 1], value: [0, 1] };
const definitions: { readonly [K in PanelKind]: PanelDefinition<K, never> } = { 'reward-curves': rewardCurves, 'lmc-check': lmcCheck, 'spider-map': spiderMapPanel, front, study } as never;
const snapshots: { readonly [K in PanelKind]: SnapshotOf[K] } = {
  'reward-curves': { runs: [{ name: 'x', kind: 'expert', state: 'running', backend: null, objective: 'a', lines: { 'reward.a': line } }], rewards: ['a'], quantities: ['reward.a'], unread: 0 },
  'lmc-check': { report: checkLmc(points, { resamples: 20 }), samplesPerPoint: 2, evaluated: 3, planned: 3 },
  'spider-map': { points },
  front: { report: paretoFront(points, { reference: 'nadir' }), rewards: ['a', 'b'] },
  study: { type: 'morl-baseline', question: '', report: { findings: [], sections: [] }, seeds: { done: 0, of: 1 }, cells: { done: 0, of: 1 }, points: { done: 0, of: 1 }, alpha: 0.05 },
};
describe.each([...panelKinds])('%s', (kind) => {
  const page = (saved?: unknown) => openPanel(definitions[kind] as PanelDefinition<PanelKind, never>, saved);
  const used = () => {
    const panel = page();
    panel.show(snapshots[kind]);
    expect(panel.refused).toEqual([]);
    if (kind !== 'study') panel.press('Table'); // what a reader chooses
    return panel.state() as { readonly version: number; readonly view: object };
  };

  test('what its page keeps brings it back in its host, once, and its choices in a new page', async () => {
    const { PanelHost } = await import('../../src/editor/panels/panel-host');
    new PanelHost(vscode as never, { loaded: async () => [], onDidChange: () => nothing, metrics: null } as never, copies, null as never, null as never, log as never);
    const state = used();
    const { panelViewType } = await import('../../src/editor/contributions');
    expect(await restore(panelViewType(kind), state)).toContain(`data-panel="${kind}"`);
    expect(await restore(panelViewType(kind), state)).toBeNull(); // it is there already
    expect(await restore(panelViewType(kind), { ...state, source: '/other/soup.yaml' })).toContain(`data-panel="${kind}"`);

    const again = page(state);
    again.show(snapshots[kind]);
    expect(again.state()).toEqual(state);
  });

  test('a state of another version, or none, opens nothing by itself, and the page begins afresh', async () => {
    const { PanelHost } = await import('../../src/editor/panels/panel-host');
    const { panelViewType } = await import('../../src/editor/contributions');
    new PanelHost(vscode as never, { loaded: async () => [], onDidChange: () => nothing, metrics: null } as never, copies, null as never, null as never, log as never);
    const state = used();
    for (const other of [{ ...state, version: 2 }, { ...state, version: undefined }, { ...state, panel: 'no such panel' }, null]) {
      expect(await restore(panelViewType(kind), other)).toBeNull();
      const again = page(other);
      again.show(snapshots[kind]);
      expect(again.state().view).toEqual(definitions[kind].initial);
    }
    const broken = page({ ...state, view: { ...state.view, isTableShown: 'yes' } });
    broken.show(snapshots[kind]);
    expect(broken.state().view).toEqual(definitions[kind].initial);
  });
});

describe('blend', () => {
  const draft = { inputs: ['/lab/a', '/lab/b'], method: 'linear', weights: [0.25, 0.75], curves: null, extrapolate: false, parameters: {}, base: null, fishers: [], dtype: null, seed: 0, space: 'factor' as const, rank: null, mergeIntoBase: false };
  const page = (saved?: unknown, weights = draft.weights) => {
    document.body.innerHTML = '<main id="root"></main>';
    const { host, send, state } = openLine<ToBlendPanel, FromBlendPanel>(readToBlendPanel, saved);
    registerControls();
    mountBlend(document.getElementById('root')!, host);
    send({ type: 'setup', isFresh: false, draft: { ...draft, weights }, setup: { inputs: ['a', 'b'].map((name) => ({ path: `/lab/${name}`, name, description: '', isAdapter: false })), methods: methodForms(), bases: [], folder: 'soups', whyReadOnly: null, experiment: null } });
    return state() as { readonly version: number; readonly draft: typeof draft };
  };
  const panels = async () => {
    const { BlendPanels } = await import('../../src/editor/blend-panel/blend-panels');
    new BlendPanels(vscode as never, { started: () => new Promise(() => undefined) } as never, null as never, null as never, null as never, log as never);
    return (await import('../../src/editor/contributions')).blendPanelViewType;
  };

  test('what its page keeps brings it back in its host, once, and its λ in a new page', async () => {
    const viewType = await panels();
    const state = page();
    expect(await restore(viewType, state)).toContain('data-panel="blend"');
    expect(await restore(viewType, state)).toBeNull();
    expect(page(state, [0.5, 0.5]).draft.weights).toEqual([0.25, 0.75]);
  });

  test('a state of another version is left alone by both', async () => {
    const viewType = await panels();
    const state = page();
    for (const other of [{ ...state, version: 2 }, { ...state, draft: { ...draft, weights: ['all'] } }, { ...state, draft: { ...draft, inputs: [] } }, null]) {
      expect(await restore(viewType, other)).toBeNull();
      expect(page(other, [0.5, 0.5]).draft.weights).toEqual([0.5, 0.5]);
    }
  });
});
