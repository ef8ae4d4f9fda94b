import fc from 'fast-check';
import { checkLmc } from '../../src/analysis/lmc';
import { measuredMean } from '../../src/analysis/measured-mean';
import { frontIntervals, paretoFront } from '../../src/analysis/front';
import { answerOf } from '../../src/analysis/preference-search';
import type { ResultPoint } from '../../src/analysis/results';
import { methodForms } from '../../src/editor/blend-panel/method-forms';
import { readToBlendPanel, type FromBlendPanel, type ToBlendPanel } from '../../src/protocol/blend-panel';
import { readToInspector, type FromInspector, type ToInspector } from '../../src/protocol/inspector';
import type { PanelKind, SnapshotOf } from '../../src/protocol/panels';
import { readToSafetensorsEditor, type FromSafetensorsEditor, type ToSafetensorsEditor } from '../../src/protocol/safetensors-editor';
import { renderSvg } from '../../src/report/render-svg';
import { mountBlend } from '../../webviews/blend/blend';
import { front } from '../../webviews/front/panel';
import { mountInspector } from '../../webviews/inspector/inspector';
import { registerControls } from '../../webviews/kit/controls';
import type { PanelDefinition } from '../../webviews/kit/panel';
import { lmcCheck } from '../../webviews/lmc-check/panel';
import { rewardCurves } from '../../webviews/reward-curves/panel';
import { mountSafetensorsEditor } from '../../webviews/safetensors-editor/editor';
import { spiderMapPanel } from '../../webviews/spider-map/panel';
import { study } from '../../webviews/study/panel';
import { cell, compare, point as studyPoint, sweepOf } from '../unit/studies/synthetic';
import { openLine } from './line';
import { mutated } from './mutations';
import { keptCharts, openPanel } from './page';

/*
 * Every page gets damaged messages. It may draw one or refuse it; it never throws, shows NaN, or keeps from
 * drawing the next good one as it would have been drawn.
 */
const runs = Number(process.env.FUZZ_RUNS ?? 100);
/** one drawing of so many is rendered by Vega, which takes longer than all the rest */
const renderedShare = 80;

const measured = (values: Record<string, number>) => Object.fromEntries(Object.entries(values).map(([name, mean]) => [name, { mean, samples: Array.from({ length: 12 }, (_, k) => mean + Math.sin(7 * k + mean) / 9) }]));
const point = (kind: ResultPoint['kind'], name: string, weights: Record<string, number> | null, a: number, b: number): ResultPoint => {
  const rewards = measured({ a, b });
  const meanOf = (samples: readonly number[]) => samples.reduce((sum, value) => sum + value, 0) / samples.length;
  return { kind, name, weights, rewards: Object.fromEntries(Object.entries(rewards).map(([reward, { samples }]) => [reward, { mean: meanOf(samples), samples }])), metrics: { speed: { mean: a + b } } };
};
const points = [point('init', 'init', null, 0, 0), point('expert', 'x', { x: 1, y: 0 }, 2, 0), point('expert', 'y', { x: 0, y: 1 }, 0, 2), point('soup', 's1', { x: 0.75, y: 0.25 }, 1.8, 0.9), point('soup', 's2', { x: 0.5, y: 0.5 }, 1.5, 1.5), point('morl', 'm', { x: 0.5, y: 0.5 }, 1, 1)];
const corner = (name: string, a: number) => point('expert', name, { x: 0, y: 0, z: 0, [name]: 1 }, a, -a);
const triangle = [corner('x', 1), corner('y', 2), corner('z', 3), point('soup', 's', { x: 0.5, y: 0.25, z: 0.25 }, 4, 1)];
const line = { step: [0, 100, 200], seconds: [0, 1, 2.5], samples: [0, 10, 20], value: [1, -2, 300] };
const run = (name: string) => ({ name, kind: 'expert' as const, state: 'running' as const, backend: 'wasm', objective: 'a', lines: { 'reward.a': line, 'reward.b': line } });
const cells = [0, 1].map((seed) => cell('fronts', seed, sweepOf(0.2 + 0.01 * seed, 4, [studyPoint('morl', 'm', { fast: 0.5, frugal: 0.5 }, { fast: 0.5, frugal: 0.5 })])));
const { findings, sections } = compare('{ type: morl-baseline }', cells);

const snapshots: { readonly [K in PanelKind]: readonly SnapshotOf[K][] } = {
  'reward-curves': [{ runs: [run('x'), run('y')], rewards: ['a', 'b'], quantities: ['reward.a', 'reward.b', 'kl'], unread: 0.25 }],
  'lmc-check': [points, triangle].map((among) => ({ report: checkLmc(among, { resamples: 100 }), samplesPerPoint: 12, evaluated: 4, planned: 9, alpha: 0.05 })),
  'spider-map': [{ points: points.map(({ rewards, ...rest }) => ({ ...rest, rewards: Object.fromEntries(Object.entries(rewards).map(([name, { mean }]) => [name, { mean }])) })) }],
  front: [{ report: paretoFront(points, { resamples: 0 }), intervals: frontIntervals(points), measured: points.map(({ rewards: of }) => Object.fromEntries(Object.entries(of).map(([reward, measurement]) => [reward, measuredMean(measurement, 0.05)]))), rewards: ['a', 'b'], searches: [answerOf(points, { preference: 'min(a, b)' })!], alpha: 0.05 }],
  study: [{ type: 'morl-baseline', question: 'Soups against MORL.', report: { findings, sections }, seeds: { done: 2, of: 3 }, cells: { done: 2, of: 3 }, points: { done: 18, of: 27 }, alpha: 0.05 }],
};

/** What a page shows of words and charts. */
interface Page {
  readonly root: HTMLElement;
  readonly refused: readonly string[];
  readonly specs: readonly object[];
  send(message: unknown): void;
}

/** Sends damaged ones among good messages, and gives how many were taken and how many refused. */
async function damage(page: Page, good: readonly object[], isFine: (text: string) => boolean = (text) => !/NaN|undefined|Infinity|\[object/.test(text)): Promise<{ readonly taken: number; readonly refused: number }> {
  const plain = good.map((message) => JSON.parse(JSON.stringify(message)) as object); // as they come from the host
  const look = () => {
    const copy = page.root.cloneNode(true) as HTMLElement;
    for (const hidden of copy.querySelectorAll('[hidden]')) hidden.remove();
    return copy.textContent;
  };
  const sendGood = () => plain.forEach((message) => page.send(message));
  sendGood();
  sendGood();
  const before = look();
  const counts = { taken: 0, refused: 0 };
  let [drawings, sent] = [0, 0];
  await fc.assert(fc.asyncProperty(mutated(...plain), async (message) => {
    const [refusals, drawn] = [page.refused.length, page.specs.length];
    page.send(message);
    const isRefused = page.refused.length > refusals;
    counts[isRefused ? 'refused' : 'taken']++;
    if (isRefused && page.specs.length > drawn) throw new Error(`drawn, though ${page.refused.at(-1)}`);
    const fresh = page.specs.slice(drawn);
    for (const spec of fresh) {
      const wrong = wrongNumber(spec);
      if (wrong !== null) throw new Error(`a chart is given ${wrong}`);
      if (drawings++ % renderedShare === 0 && /NaN|Infinity/.test(await renderSvg(spec as never))) throw new Error('a chart shows NaN');
    }
    const text = look();
    if (!isFine(text)) throw new Error(`shown: ${/.{0,60}(?:NaN|undefined|Infinity|\[object).{0,30}/.exec(text)?.[0] ?? ''}`);
    if (++sent % 10 > 0) return;
    sendGood();
    expect(look()).toBe(before);
  }), { numRuns: runs, seed: 6 });
  return counts;
}

/** The way to a number that no chart can draw; null where there is none. */
function wrongNumber(value: unknown, way = ''): string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? null : `${way} ${value}`;
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, part] of Object.entries(value)) {
    const wrong = wrongNumber(part, `${way}.${key}`);
    if (wrong !== null) return wrong;
  }
  return null;
}

/** Of each page both have to happen, or the test tells nothing. */
function expectBoth({ taken, refused }: { readonly taken: number; readonly refused: number }): void {
  expect(taken + refused).toBe(runs);
  expect(Math.min(taken, refused)).toBeGreaterThan(runs / 50);
}

const panels: readonly PanelDefinition<PanelKind, object>[] = [rewardCurves, lmcCheck, spiderMapPanel, front, study] as never;

test.each(panels)('$kind', async (definition) => {
  const page = openPanel(definition, { version: 1, panel: definition.kind, source: '/lab/soup.yaml', title: 'locomotion', view: { isTableShown: true } });
  for (const snapshot of snapshots[definition.kind]) expectBoth(await damage(page, [{ type: 'snapshot', target: { panel: definition.kind, source: '/lab/soup.yaml', title: 'locomotion' }, hasCheckpoints: true, snapshot }]));
}, 300_000);

test('inspector', async () => {
  document.body.innerHTML = '<main id="root"></main>';
  const root = document.getElementById('root')!;
  const { host, refused, send } = openLine<ToInspector, FromInspector>(readToInspector);
  const { chart, specs } = keptCharts();
  registerControls();
  mountInspector(root, host, chart);
  const difference = { norm: 2, relative: 0.125, cosine: 0.5, signConflict: 0.25 };
  const good: ToInspector[] = [
    { type: 'checkpoint', snapshot: { path: '/lab/x', title: 'x', description: 'expert', facts: [['Tensors', '2']], metadata: [['format', 'pt']], provenance: [{ label: 'Trained as', text: 'expert', path: '/lab/x/run.json', opens: 'text' }], tensors: [{ name: 'layers.0.weight', dtype: 'F32', shape: [4, 2], bytes: 32 }, { name: 'critic', dtype: 'BF16', shape: [], bytes: 2 }] } },
    { type: 'work', text: 'Reading', fraction: 0.5 },
    { type: 'comparison', result: { of: 'base', reference: '/lab/base', base: null, total: difference, tensors: [{ name: 'layers.0.weight', ...difference }, { name: 'critic', ...difference }] } },
    { type: 'statistics', tensor: 'critic', result: { nan: 0, infinite: 0, zeros: 1, minimum: -0.5, maximum: 2, mean: 0.25, deviation: 0.5, norm: 12.5 } },
    { type: 'histogram', tensor: 'critic', result: { edges: [0, 1, 2], counts: [3, 4], outside: 0 } },
  ];
  good.forEach(send);
  [...root.querySelectorAll<HTMLElement>('.tree-row')].at(-1)!.click(); // the details of a tensor, with its histogram
  // how many values are NaN is a thing that it says
  expectBoth(await damage({ root, refused, send, specs }, good, (text) => !/(?<!\d )NaN|undefined|Infinity|\[object/.test(text)));
}, 300_000);

test('blend', async () => {
  document.body.innerHTML = '<main id="root"></main>';
  const root = document.getElementById('root')!;
  const { host, refused, send } = openLine<ToBlendPanel, FromBlendPanel>(readToBlendPanel);
  registerControls();
  mountBlend(root, host);
  const input = (name: string) => ({ path: `/lab/${name}`, name, description: '63 · f32', isAdapter: false });
  const settings = { maxNewTokens: 8, minNewTokens: 0, temperature: 1, topK: 0, topP: 1, repetitionPenalty: 1, stop: [], chat: false, system: null, seed: 0 };
  const good: ToBlendPanel[] = [
    { type: 'setup', isFresh: true, setup: { inputs: ['x', 'y', 'z'].map(input), methods: methodForms().slice(0, 2), bases: [{ path: '/lab/base', label: 'base' }], folder: 'soups', whyReadOnly: null, experiment: { name: 'lab', rewards: ['a'], points: [{ weights: [0.5, 0.25, 0.25], rewards: { a: { mean: 1, ci: [0.5, 1.5], n: 8 } } }], whyNoSweep: null } }, draft: { inputs: ['/lab/x', '/lab/y', '/lab/z'], method: 'linear', weights: [0.5, 0.25, 0.25], curves: null, extrapolate: false, parameters: {}, base: null, fishers: [], dtype: null, seed: 0, space: 'factor', rank: null, mergeIntoBase: false } },
    { type: 'forecast', id: 1e6, name: 'x+y', seconds: 2, forecast: { names: ['x', 'y', 'z'], findings: [{ check: 'tensors', level: 'warning', text: 'w' }], facts: { tensors: '3 tensors' }, problem: null, output: { tensors: 3, parameters: 63, sizeBytes: 252, readBytes: 504 }, layers: 2, differences: { x: 0.5 } } },
    { type: 'distances', from: null, distances: [{ name: 'x', notFinite: null, relative: 0.1, cosine: 0.9 }], problem: null },
    { type: 'work', text: 'Merging', fraction: 0.5 },
    { type: 'preferred', weights: [0.5, 0.25, 0.25], lines: ['a 1'] },
    { type: 'preview', message: { type: 'opened', task: { type: 'text', settings, prompts: [{ prompt: 'Once', references: [], source: null }], hasChatTemplate: false, contextLength: 64 }, experts: ['x', 'y', 'z'], base: null, run: null, rewards: ['a'], backend: 'wasm', device: 'cpu' } },
    { type: 'preview', message: { type: 'started', id: 1, points: [{ kind: 'soup', name: 's', weights: { x: 0.5, y: 0.5 } }, { kind: 'expert', name: 'x', weights: null }] } },
    { type: 'preview', message: { type: 'text', id: 1, point: 0, text: 'upon', tokens: 2, ended: null } },
    { type: 'preview', message: { type: 'scores', id: 1, point: 0, scores: [{ name: 'a', of: 'reward', value: 1, interval: [0, 2], problem: null }] } },
    { type: 'saved', path: '/lab/soups/x', name: 'x', warnings: [] },
    { type: 'told', message: 'done', isProblem: false },
  ];
  expectBoth(await damage({ root, refused, send, specs: [] }, good));
}, 300_000);

test('safetensors editor', async () => {
  document.body.innerHTML = '<main id="root"></main>';
  const root = document.getElementById('root')!;
  const { host, posted, refused, send } = openLine<ToSafetensorsEditor, FromSafetensorsEditor>(readToSafetensorsEditor, { version: 1, tensor: 'w', origin: [0, 0, 0], filter: '' });
  globalThis.ResizeObserver ??= class { observe() {} unobserve() {} disconnect() {} };
  registerControls();
  mountSafetensorsEditor(root, host);
  const file = { name: 'a.safetensors', sizeBytes: 1000, headerBytes: 200, parameters: 605, metadata: [['format', 'pt']] as [string, string][], tensors: [{ name: 'w', dtype: 'F32', shape: [2, 3, 100], begin: 0, end: 2400 }, { name: 'b', dtype: 'BF16', shape: [5], begin: 2400, end: 2410 }] };
  const answer = { type: 'values', get id() { return posted.filter(({ type }) => type === 'values').length; }, texts: ['1', '2', '3'] };
  expectBoth(await damage({ root, refused, send, specs: [] }, [{ type: 'file', file }, answer, { type: 'values-failure', id: 0, message: 'gone' }, { type: 'told', message: 'copied' }]));
}, 300_000);
