import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fromFloat32, writeSafetensors } from '../../../src/checkpoint/safetensors';
import type { CheckpointWorker } from '../../../src/checkpoint/worker/work';
import { blendSetup, type OpenedSetup } from '../../../src/editor/blend-panel/blend-setup';
import { bestForPreference } from '../../../src/editor/blend-panel/preference';
import type { Reader } from '../../../src/editor/reader/work';
import { summariseCheckpoint, type CheckpointSummary } from '../../../src/editor/checkpoint-tree/checkpoint-summary';
import { shownAnswer } from '../../../src/editor/inspector/answer';
import { Inspection } from '../../../src/editor/inspector/inspection';
import { headerSnapshot } from '../../../src/editor/inspector/inspector-snapshot';
import { MessageQueue } from '../../../src/editor/panels/message-queue';
import { fileMessage } from '../../../src/editor/safetensors-editor/file-message';
import { readToInspector } from '../../../src/protocol/inspector';
import { wholeMessages } from '../../../src/protocol/pieces';
import { readToSafetensorsEditor } from '../../../src/protocol/safetensors-editor';
import { VisibleTree } from '../../../src/editor/checkpoint-tree/visible-tree';
import { frontSnapshots } from '../../../src/editor/panels/snapshots/front';
import { lmcCheckSnapshots } from '../../../src/editor/panels/snapshots/lmc-check';
import { rewardCurvesSnapshots } from '../../../src/editor/panels/snapshots/reward-curves';
import { spiderMapSnapshots } from '../../../src/editor/panels/snapshots/spider-map';
import { resolveSource } from '../../../src/editor/panels/source';
import { MetricsStore } from '../../../src/editor/run-tree/metrics-store';
import type { AnalysisWorker } from '../../../src/editor/panels/analysis-worker/work';
import { WorkerThread } from '../../../src/checkpoint/worker/worker-thread';
import type { ToBlendPanel } from '../../../src/protocol/blend-panel';
import { newRunRecord } from '../../../src/runs/run-directory';
import type { LanguageWork, LanguageWorker } from '../../../src/editor/yaml-language/worker/work';
import { longestBlock } from './longest-block';
import { recordedEditor } from './recorded-editor';

jest.doMock('vscode', () => recordedEditor().vscode, { virtual: true });

/** The extension host serves every extension: none may keep it for longer. */
const limitMs = 50;
const root = mkdtempSync(path.join(tmpdir(), 'soups-'));
const analyst: AnalysisWorker = new WorkerThread(path.resolve(__dirname, '../../../dist/analysis-worker.js'));
const reader: Reader = new WorkerThread(path.resolve(__dirname, '../../../dist/reader.js'));
const linguist: LanguageWorker = new WorkerThread(path.resolve(__dirname, '../../../dist/language-worker.js'));
const measurer: CheckpointWorker = new WorkerThread(path.resolve(__dirname, '../../../dist/checkpoint-worker.js'));
const copies = { shown: (at: string) => at, inWords: (message: string) => message };
afterAll(async () => {
  await Promise.all([analyst.dispose(), reader.dispose(), linguist.dispose(), measurer.dispose()]);
  rmSync(root, { recursive: true, force: true });
});

/** The least of several measurements: a collection of garbage or the first run of a function says nothing of the work. */
async function blocked(work: () => Promise<unknown>): Promise<number> {
  let least = Infinity;
  for (let round = 0; round < 4 && least >= limitMs; round++) least = Math.min(least, (await longestBlock(work)).longestMs);
  return least;
}

test('a stretch that blocks is seen, and waiting is none', async () => {
  const spin = async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    for (const end = process.cpuUsage().user + 120_000; process.cpuUsage().user < end; );
  };
  expect((await longestBlock(spin)).longestMs).toBeGreaterThan(60);
  expect((await longestBlock(() => new Promise((resolve) => setTimeout(resolve, 200)))).longestMs).toBeLessThan(limitMs);
});

test('a tree of ten thousand checkpoints: headers are read, and rows grouped, filtered and sorted, without a stop', async () => {
  const noise = (size: number, phase: number) => Float32Array.from({ length: size }, (_, k) => Math.sin((k + 1) * (phase + 1.1) * 7.3));
  const files = await Promise.all(Array.from({ length: 64 }, async (_, index) => {
    const file = path.join(root, `expert-${index}.safetensors`);
    await writeSafetensors(file, Array.from({ length: 50 }, (__, layer) => ({ name: `model.layers.${layer}.mlp.up_proj.weight`, dtype: 'F32', shape: [16, 32], data: fromFloat32(noise(512, index % 4), 'F32') })));
    return file;
  }));
  let summaries: CheckpointSummary[] = [];
  expect(await blocked(async () => (summaries = await Promise.all(files.map((file) => summariseCheckpoint(file)))))).toBeLessThan(limitMs);
  // a large group and many small ones; what is known of earlier rounds is of other objects
  const many = () => Array.from({ length: 10_000 }, (_, index) => {
    const group = index % 2 === 0 ? 0 : index % 40;
    const summary = summaries[index % 64]!;
    const at = group % 4 === 1 ? `/home/somebody/lab/runs/sweep-${group}/experts/reward-${index}` : `/home/somebody/lab/models-of-group-${group}/checkpoint-${index}.safetensors`;
    return { ...summary, path: at, fingerprint: `${summary.fingerprint}${group}`, baseHash: group % 4 === 1 ? String(group).repeat(32) : null, architecture: `{"model_type":"llama","num_attention_heads":${group}}`, sample: summary.sample!.map((value) => value + index), modifiedMs: 1.7e12 + 1e6 * index };
  });
  expect(many()[0]!.sample).toHaveLength(256);
  const changes: readonly Partial<Pick<VisibleTree, 'filter' | 'order'>>[] = [{}, { filter: 'checkpoint-1' }, { order: 'newest' }];
  const updates: number[] = [];
  for (const change of changes) {
    const trees = Array.from({ length: 4 }, () => ({ tree: Object.assign(new VisibleTree(), change), found: many() }));
    updates.push(await blocked(() => {
      const { tree, found } = trees.pop()!;
      return tree.update(found);
    }));
  }
  expect(updates.map((update) => update < limitMs || update)).toEqual([true, true, true]);

  const { CheckpointTreeProvider } = await import('../../../src/editor/checkpoint-tree/checkpoint-tree-provider');
  const index = { onDidChange: () => ({ dispose: () => undefined }), started: async () => undefined, checkpoints: many(), copies: { ...copies, isCopy: () => false } };
  const provider = new CheckpointTreeProvider(index as never, (error) => Promise.reject(error));
  const rows = async () => {
    const roots = await provider.getChildren();
    const children = await Promise.all(roots.map((node) => provider.getChildren(node)));
    return children.flat().map((node) => provider.getTreeItem(node));
  };
  provider.order = 'newest';
  expect(await rows()).toHaveLength(2121); // 21 groups, a page of each
  const drawing = await blocked(rows);
  expect(drawing < limitMs || drawing).toBe(true);
});

test('curves of long runs: read, drawn and zoomed in pieces', async () => {
  const experiment = path.join(root, 'runs', 'many');
  for (let run = 0; run < 10; run++) {
    const own = path.join(experiment, 'experts', `expert-${run}`);
    mkdirSync(own, { recursive: true });
    writeFileSync(path.join(own, 'run.json'), JSON.stringify(newRunRecord({ kind: 'expert', name: `expert-${run}`, version: '0', state: 'succeeded' })));
    writeFileSync(path.join(own, 'metrics.jsonl'), Array.from({ length: 20_000 }, (_, step) => `{"step":${step},"time":"2026-01-01T00:00:00Z","reward":{"risky":${Math.sin(step)}}}\n`).join(''));
  }
  const source = await resolveSource(experiment, linguist);
  expect(await blocked(async () => {
    const snapshot = rewardCurvesSnapshots(source, { metrics: new MetricsStore() });
    while ((await snapshot()).unread > 0);
    const { runs } = await snapshot({ group: 'reward', axis: 'step', range: [5000, 5300] });
    expect(runs[0]!.lines['reward.risky']!.step.filter((step) => step >= 5000 && step <= 5300)).toHaveLength(301);
  })).toBeLessThan(limitMs);
});

/** A sweep of three experts over λ in steps of 1 / `edge`, with 64 samples each, as the text of its results. */
function sweptResults(edge = 10): string {
  const experts = ['a', 'b', 'c'];
  const samples = (shift: number) => Array.from({ length: 64 }, (_, k) => Math.sin(k * 1.7) + shift);
  const rewardsOf = (weights: readonly number[]) => Object.fromEntries(experts.map((name, i) => {
    const values = samples(weights[i]! * 2 + weights.reduce((sum, weight) => sum + weight * (1 - weight), 0));
    return [name, { mean: values.reduce((sum, value) => sum + value, 0) / 64, stderr: 0.1, n: 64, samples: values }];
  }));
  const lines: object[] = [];
  for (let i = 0; i <= edge; i++) {
    for (let j = 0; i + j <= edge; j++) {
      const weights = [i / edge, j / edge, (edge - i - j) / edge];
      const only = weights.indexOf(1);
      lines.push({ kind: only < 0 ? 'soup' : 'expert', name: only < 0 ? `soup-${i}-${j}` : experts[only], weights: Object.fromEntries(experts.map((name, k) => [name, weights[k]])), rewards: rewardsOf(weights) });
    }
  }
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

test('the check, the front and the map of a sweep are computed without a stop', async () => {
  const file = path.join(root, 'results.jsonl');
  writeFileSync(file, sweptResults());
  const source = await resolveSource(file, linguist);
  const services = { analyst, longAnalyst: analyst, onLater: () => undefined, metrics: new MetricsStore() };
  const check = await blocked(() => lmcCheckSnapshots(source, services)());
  const front = await blocked(() => frontSnapshots(source, services)());
  writeFileSync(file, sweptResults(70)); // 2,556 points
  const map = await blocked(async () => {
    const snapshot = await spiderMapSnapshots(source, services)();
    expect(JSON.parse(snapshot)).toMatchObject({ points: { length: 2556 } });
  });
  expect({ check: check < limitMs || check, front: front < limitMs || front, map: map < limitMs || map }).toEqual({ check: true, front: true, map: true });
});

test('a header of fifty thousand tensors is inspected and shown without a stop', async () => {
  const file = path.join(root, 'adapters.safetensors');
  const data = fromFloat32(Float32Array.of(0.5), 'F32');
  await writeSafetensors(file, Array.from({ length: 50_000 }, (_, index) => ({ name: `model.layers.${index}.self_attn.q_proj.lora_A.weight`, dtype: 'F32', shape: [1], data })));
  // VS Code writes each message as JSON
  const received: unknown[] = [];
  const whole = wholeMessages();
  const queue = new MessageQueue((message) => void received.push(JSON.stringify(message)));
  const inspecting = await blocked(async () => queue.send((await headerSnapshot(file, reader, copies)).message));
  const showing = await blocked(async () => queue.send(await fileMessage({ path: file, name: 'adapters.safetensors' }, reader)));
  expect({ inspecting: inspecting < limitMs || inspecting, showing: showing < limitMs || showing }).toEqual({ inspecting: true, showing: true });
  const messages = received.flatMap((text) => whole(JSON.parse(text as string)));
  expect(readToInspector(messages[0])).toMatchObject({ type: 'checkpoint', snapshot: { title: 'adapters.safetensors', tensors: { length: 50_000 } } });
  expect(readToSafetensorsEditor(messages.at(-1))).toMatchObject({ type: 'file', file: { parameters: 50_000, tensors: { length: 50_000 } } });
  const reading = await blocked(async () => expect(await reader.run({ kind: 'values' as const, file: { path: file, name: 'a' }, tensor: 'model.layers.49999.self_attn.q_proj.lora_A.weight', slice: '0' })).toEqual(['0.5']));
  const { origin, summary } = await headerSnapshot(file, reader, copies);
  const comparing = await blocked(async () => {
    let sent = Promise.resolve();
    await new Inspection(origin, summary, async () => [], measurer, (answer) => (sent = queue.send(shownAnswer(answer, copies)))).compareWith(file);
    await sent;
  });
  expect(comparing < limitMs || comparing).toBe(true);
  const compared = received.flatMap((text) => whole(JSON.parse(text as string))).map((message) => readToInspector(message)).find((message) => message?.type === 'comparison');
  expect(compared).toMatchObject({ result: { of: 'other', reference: file, base: null, total: { norm: 0, cosine: 1 }, tensors: { length: 50_000 } } });
  const copying = await blocked(() => reader.run({ kind: 'header-json' as const, file: { path: file, name: 'a' } }));
  expect({ reading: reading < limitMs || reading, copying: copying < limitMs || copying }).toEqual({ reading: true, copying: true });
}, 120_000);

test('YAML files of five thousand lines are checked, completed and explained without a stop', async () => {
  const variants = Array.from({ length: 2480 }, (_, index) => `  v${index}:\n    seed: ${index}\n`).join('');
  const experiment = `name: large\ntask: { type: locomotion, environment: half-cheetah }\nrewards: { fast: velocity, thrifty: velocity - energy }\ntrain: { algorithm: ppo, steps: 1000 }\nvariants:\n${variants}`;
  const models = Array.from({ length: 1240 }, (_, index) => `  - model: ./expert-${index}\n    parameters:\n      weight: ${index}\n      density: 0.5\n`).join('');
  const mergekit = `merge_method: ties\nmodels:\n${models}`;
  const language = 'experiment';
  const file = path.join(root, 'soup.yaml');
  writeFileSync(file, experiment);
  const words = { default: 'Default', oneOf: 'One of' };
  const works: readonly LanguageWork[] = [
    { kind: 'problems', language, text: experiment, file },
    { kind: 'completions', language, text: experiment, at: { line: 0, character: 0 } },
    { kind: 'hover', language, text: experiment, offset: experiment.indexOf('seed: 7'), words },
    { kind: 'scope', text: experiment },
    { kind: 'lenses', text: experiment },
    { kind: 'problems', language: 'mergekit', text: mergekit, file: null },
    { kind: 'hover', language: 'mergekit', text: mergekit, offset: mergekit.indexOf('density'), words },
    { kind: 'setting', text: mergekit, at: { line: 4, character: 8 }, directory: root },
    { kind: 'experiment', target: { experimentFile: file, variant: 'v7' }, isToStart: true },
    { kind: 'experiment-file', directory: path.join(root, 'runs', 'large-v2479') },
    { kind: 'sweep-point', text: experiment, weights: { fast: 0.5, thrifty: 0.5 }, variant: null },
  ];
  const stops: (number | true)[] = [];
  for (const work of works) {
    const stop = await blocked(() => linguist.run(work));
    stops.push(stop < limitMs || stop);
  }
  expect(stops).toEqual(works.map(() => true));
  const opening = await blocked(async () => expect(await resolveSource(file, linguist)).toMatchObject({ name: 'large', settings: { rewards: ['fast', 'thrifty'] } }));
  expect(opening < limitMs || opening).toBe(true);
  expect(await linguist.run({ kind: 'experiment-file' as const, directory: path.join(root, 'runs', 'large-v2479') })).toEqual({ experimentFile: file, variant: 'v2479' });
  expect(await linguist.run({ kind: 'hover' as const, language, text: experiment, offset: experiment.indexOf('seed: 7'), words })).toContain('**seed**');
  expect(await linguist.run({ kind: 'lenses' as const, text: experiment })).toMatchObject({ variants: { length: 2480 } });
});

test('the blend panel opens on checkpoints of many tensors, and finds the λ for a preference, without a stop', async () => {
  const data = fromFloat32(Float32Array.of(1), 'F32');
  const experts = ['a', 'b', 'c'].map((name) => path.join(root, 'runs', 'large', 'experts', name));
  for (const expert of experts) {
    mkdirSync(expert, { recursive: true });
    await writeSafetensors(path.join(expert, 'model.safetensors'), Array.from({ length: 20_000 }, (_, index) => ({ name: `model.layers.${index}.self_attn.q_proj.weight`, dtype: 'F32', shape: [1], data })));
  }
  mkdirSync(path.join(root, 'runs', 'large', 'sweep'));
  writeFileSync(path.join(root, 'runs', 'large', 'sweep', 'results.jsonl'), sweptResults());
  let opened: OpenedSetup | null = null;
  const opening = await blocked(async () => (opened = await blendSetup(experts, null, { checkpoints: [] }, { reader, linguist }, { shownFolder: (folder) => folder, isTrusted: true })));
  expect(opened!.setup).toMatchObject({ inputs: [{ name: 'a' }, { name: 'b' }, { name: 'c' }], experiment: { rewards: ['a', 'b', 'c'] } });
  let answer: ToBlendPanel | null = null;
  const preferring = await blocked(async () => (answer = await bestForPreference(experts, ['a', 'b', 'c'], '0.5*a + 0.5*b', reader)));
  expect(answer).toMatchObject({ type: 'preferred', weights: [expect.any(Number), expect.any(Number), expect.any(Number)] });
  expect({ opening: opening < limitMs || opening, preferring: preferring < limitMs || preferring }).toEqual({ opening: true, preferring: true });
});
