import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writeSafetensors } from '../../../../src/checkpoint/safetensors';
import { checkpointDescription, checkpointTooltip, scoreText, unreadTooltip } from '../../../../src/editor/checkpoint-tree/appearance';
import { checkpointPaths, isWeightFile } from '../../../../src/editor/checkpoint-tree/checkpoint-paths';
import { summariseCheckpoint, type CheckpointSummary } from '../../../../src/editor/checkpoint-tree/checkpoint-summary';
import { Evaluations } from '../../../../src/editor/checkpoint-tree/evaluations';
import { groupByBase } from '../../../../src/editor/checkpoint-tree/groups';
import { pageSize, VisibleTree, type TreeNode } from '../../../../src/editor/checkpoint-tree/visible-tree';
import { inTurns } from '../../../../src/editor/turns';
import { strangers } from '../../../../src/editor/checkpoint-tree/weight-sample';
import { recordedEditor } from '../recorded-editor';

const directory = mkdtempSync(path.join(tmpdir(), 'tree-'));
afterAll(() => rmSync(directory, { recursive: true }));

const summary = (name: string, change: Partial<CheckpointSummary> = {}): CheckpointSummary => ({
  path: `/lab/${name}`, storage: 'file', format: 'safetensors', role: null, name, objective: null, scores: {}, errors: {}, step: null, weights: null, dtypes: ['BF16'], tensors: 2, parameters: 1_234_567_890,
  sizeBytes: 100, baseHash: null, fingerprint: 'f', architecture: null, family: null, rank: null, sample: null, modifiedMs: 0, ...change,
});
const labels = (nodes: readonly TreeNode[]) => nodes.map((node) => (node.type === 'checkpoint' ? node.summary.name : node.type === 'group' ? node.label : node.type));

describe('what a row says', () => {
  test('size, type, rank and reward with its error', () => {
    expect(checkpointDescription(summary('a', { storage: 'adapter', rank: 16, role: 'expert', name: 'risky', scores: { cautious: 1, risky: 812.4 }, errors: { risky: 8.7 } }))).toBe('1.23 B · bf16 · LoRA r16 · reward risky 812 ± 9');
    expect(checkpointDescription(summary('s', { role: 'soup', weights: { a: 0.3, b: 0.7 }, dtypes: ['F32', 'I64'] }))).toBe('a 0.3, b 0.7 · 1.23 B · f32/i64');
    expect(checkpointDescription(summary('p', { format: 'PyTorch' }))).toBe('1.23 B · bf16 · PyTorch');
  });

  test.each([[812.4, 8.7, '812 ± 9'], [3.4199, 0.031, '3.42 ± 0.03'], [0.5, 0.0123, '0.500 ± 0.012'], [-2, 0.96, '−2.0 ± 1.0'], [12345, 450, '12345 ± 450'], [7, 0, '7.00'], [7, undefined, '7.00']])('%p with an error of %p reads %s', (mean, stderr, text) => {
    expect(scoreText(mean, stderr)).toBe(text);
  });

  test('the hover of one that could not be read names its path once', () => {
    const where = '/lab/run-1/cut.safetensors';
    const hover = (message: string) => unreadTooltip({ message, unreadBytes: null }, where).replaceAll('\\', '');
    expect(hover(`${where}: header of 2048 bytes, but the file has 300`)).toBe(`$(warning) ${where}: header of 2048 bytes, but the file has 300`);
    expect(hover('header of 2048 bytes')).toBe(`$(warning) header of 2048 bytes\n\n\`${where}\``);
  });

  test('the hover holds no live Markdown of a name, and says what is doubtful', () => {
    const text = checkpointTooltip(summary('x', { name: '[a](command:b)' }), 'It is unlike the others.');
    expect(text).toContain('\\[a\\]\\(command:b\\)');
    expect(text).toContain('*different base?* It is unlike the others.');
  });

  test('the hover is made when the pointer rests on the row', async () => {
    const { vscode } = recordedEditor();
    const MarkdownString = class { constructor(readonly value: string) {} };
    Object.defineProperties(vscode, { TreeItem: { value: class {} }, MarkdownString: { value: MarkdownString } });
    jest.doMock('vscode', () => vscode, { virtual: true });
    const { CheckpointTreeProvider } = await import('../../../../src/editor/checkpoint-tree/checkpoint-tree-provider');
    const provider = new CheckpointTreeProvider({ copies: { isCopy: () => false, shown: (at: string) => `shown ${at}` }, onDidChange: () => null } as never, () => undefined);
    const node = { type: 'checkpoint', group: '', strange: null, summary: summary('risky', { role: 'expert' }) } as const;
    const item = provider.getTreeItem(node);
    expect(item.tooltip).toBeUndefined();
    expect(provider.resolveTreeItem(item, node).tooltip).toMatchObject({ value: expect.stringMatching(/^\*\*risky\*\* \(expert\)[^]*`shown \/lab\/risky`$/) });
  });
});

describe('weight files', () => {
  test('those with usual names stand for their directory where something says that it is one', () => {
    const files = ['/m/hf/model-00001-of-00002.safetensors', '/m/hf/model-00002-of-00002.safetensors', '/m/hf/extra.safetensors', '/m/pt/pytorch_model.bin', '/m/loose/model.safetensors', '/m/a/adapter_model.bin'];
    expect(checkpointPaths(files, (at) => at !== '/m/loose')).toEqual(['/m/hf', '/m/hf/extra.safetensors', '/m/pt', '/m/loose/model.safetensors', '/m/a']);
  });

  test('what a trainer leaves beside them is none', () => {
    expect(['optimizer.pt', 'rng_state_0.pth', 'scheduler.pt', 'training_args.bin', 'policy.pt', 'model.pth'].filter(isWeightFile)).toEqual(['policy.pt', 'model.pth']);
  });
});

describe('groups', () => {
  test('by tensors and architecture; a lone file joins the one architecture with its tensors, and none of two', async () => {
    const groups = await inTurns(groupByBase([summary('a', { architecture: 'x' }), summary('b'), summary('c', { fingerprint: 'g', architecture: 'x' }), summary('d', { fingerprint: 'g', architecture: 'y' }), summary('e', { fingerprint: 'g' })]));
    expect(groups.map(({ checkpoints }) => labels(checkpoints).join()).sort()).toEqual(['a,b', 'c', 'd', 'e']);
  });

  test('adapters by the base that their configs name, whatever their ranks; models with a config by size, before loose files', async () => {
    const adapter = (name: string, rank: number, family: string | null) => summary(name, { storage: 'adapter', rank, fingerprint: `r${rank}`, architecture: `r${rank}`, family, parameters: rank });
    const groups = await inTurns(groupByBase([summary('loose', { parameters: 9e9 }), adapter('a', 8, 'llama-7b'), adapter('b', 16, 'llama-7b'), adapter('c', 8, 'mistral'), adapter('d', 8, null), summary('m', { family: 'llama', architecture: 'llama', parameters: 7e9, fingerprint: 'm' })]));
    expect(groups.map(({ label, description, checkpoints }) => [label, description, labels(checkpoints).join()])).toEqual([
      ['llama · 7 B parameters', 'base not recorded · 1 checkpoint', 'm'],
      ['adapters of llama-7b', 'base named by their configs · 2 checkpoints', 'a,b'],
      ['adapters of mistral', 'base named by their configs · 1 checkpoint', 'c'],
      ['9 B parameters', 'base not recorded · 1 checkpoint', 'loose'],
      ['8 parameters', 'base not recorded · 1 checkpoint', 'd'],
    ]);
    expect(groups.map(({ bond }) => bond.includes('nothing says'))).toEqual([true, false, false, true, true]);
  });

  test('in the order of their names: a number counts, and what a name goes on with comes after it', async () => {
    const [group] = await inTurns(groupByBase(['run-10', 'plain-second', 'run-9', 'plain'].map((name) => summary(name))));
    expect(labels(group!.checkpoints)).toEqual(['plain', 'plain-second', 'run-9', 'run-10']);
  });

  test('by the base that is named; one with other tensors among them is doubtful', async () => {
    const base = 'ab'.repeat(32);
    const [group] = await inTurns(groupByBase(['a', 'b', 'c'].map((name) => summary(name, { baseHash: base, fingerprint: name === 'b' ? 'resized' : 'f' }))));
    expect(group!.checkpoints.map(({ strange }) => strange !== null)).toEqual([false, true, false]);
  });

  test('a base among its adapters is not doubtful, and an adapter of other tensors is', async () => {
    const baseHash = 'ab'.repeat(32);
    const adapter = (name: string, fingerprint: string) => summary(name, { baseHash, storage: 'adapter', fingerprint });
    const [group] = await inTurns(groupByBase([summary('base', { baseHash, fingerprint: 'whole' }), adapter('x', 'r4'), adapter('y', 'r4'), adapter('z', 'r8')]));
    expect(group!.checkpoints.map(({ summary: { name }, strange }) => [name, strange !== null])).toEqual([['base', false], ['x', false], ['y', false], ['z', true]]);
  });

  test('a sample of the weights tells who is from another base', async () => {
    const draw = (seed: number) => Float32Array.from({ length: 40 * 40 }, (_, k) => Math.sin((k + 1) * (seed * 12.9898 + 1.1)) * 1.7);
    const [base, other] = [draw(1), draw(2)];
    const write = async (name: string, values: Float32Array) => {
      const file = path.join(directory, `${name}.safetensors`);
      await writeSafetensors(file, [{ name: 'w', dtype: 'F32', shape: [40, 40], data: new Uint8Array(values.buffer) }, { name: 'b', dtype: 'F32', shape: [2], data: new Uint8Array(8) }]);
      return summariseCheckpoint(file);
    };
    const tuned = (values: Float32Array, seed: number) => {
      const change = draw(seed);
      return values.map((value, k) => value + 0.2 * change[k]!);
    };
    const members = [await write('a', tuned(base, 3)), await write('b', tuned(base, 4)), await write('c', tuned(base, 5)), await write('z', tuned(other, 6))];
    const [group] = await inTurns(groupByBase(members));
    expect(group!.checkpoints.map(({ summary: { name }, strange }) => [name, strange !== null])).toEqual([['a', false], ['b', false], ['c', false], ['z', true]]);
    expect(members[0]!.sample).toEqual(tuned(base, 3).subarray(672, 928)); // 256 from the middle of 1600
  });

  test('a single one, one without a sample, and all zeros are never doubtful', async () => {
    expect([...(await inTurns(strangers([Float32Array.of(1, 2)])))]).toEqual([]);
    expect([...(await inTurns(strangers([null, Float32Array.of(1, 0), Float32Array.of(0, 1)])))]).toEqual([1, 2]);
    expect([...(await inTurns(strangers([new Float32Array(2), Float32Array.of(1, 0)])))]).toEqual([]);
  });
});

describe('the tree', () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => summary(`c${index}`, { sizeBytes: index, modifiedMs: -index }));

  test('ten thousand in pages, in the order of their numbers', async () => {
    const tree = new VisibleTree();
    await tree.update(many(10_000));
    const [group] = tree.roots();
    const page = tree.childrenOf(group!);
    expect(labels(page.slice(0, 3))).toEqual(['c0', 'c1', 'c2']);
    expect([page.length, page.at(-1)]).toEqual([pageSize + 1, expect.objectContaining({ type: 'more', left: 9900 })]);
    expect(tree.showMore(page.at(-1) as Extract<TreeNode, { type: 'more' }>)).toBe(group);
    expect(tree.childrenOf(group!).length).toBe(2 * pageSize + 1);
    tree.order = 'largest';
    await tree.update(many(10_000));
    expect(labels(tree.childrenOf(tree.roots()[0]!).slice(0, 2))).toEqual(['c9999', 'c9998']);
  });

  test('nodes stay the same objects, and only what looks different is told', async () => {
    const tree = new VisibleTree();
    const found = [...many(3), summary('other', { fingerprint: 'g' })];
    await tree.update(found);
    const before = [...tree.roots(), ...tree.childrenOf(tree.roots()[0]!)];
    expect(await tree.update(found)).toEqual([]);
    const changed = await tree.update(found.map((entry) => (entry.name === 'c1' ? { ...entry, step: 7 } : entry)));
    expect(changed).toEqual([expect.objectContaining({ type: 'group' })]);
    expect([...tree.roots(), ...tree.childrenOf(tree.roots()[0]!)].every((node, index) => node === before[index])).toBe(true);
    expect(await tree.update(found.slice(0, 3))).toBeNull(); // a group has gone
  });

  test('the filter takes every word, of broken ones too', async () => {
    const tree = new VisibleTree();
    const found = [summary('risky-16', { storage: 'adapter', rank: 16 }), summary('risky-full'), { type: 'broken' as const, path: '/lab/risky-cut.pt', message: 'truncated', unreadBytes: null }];
    const shown = async (filter: string) => {
      tree.filter = filter;
      await tree.update(found);
      return tree.roots().flatMap((node) => (node.type === 'group' ? labels(tree.childrenOf(node)) : labels([node])));
    };
    expect(await shown('')).toEqual(['risky-16', 'risky-full', 'broken']);
    expect(await shown('RISKY lora')).toEqual(['risky-16']);
    expect(await shown('unreadable')).toEqual(['broken']);
    expect(tree.counts).toEqual({ total: 3, shown: 1 });
  });

  test('a filter changes no doubt, and says of how many it shows some', async () => {
    const tree = new VisibleTree();
    const [own, other] = [Float32Array.of(1, 2, 3), Float32Array.of(3, -3, 1)];
    const found = ['a', 'b', 'c'].map((name) => summary(name, { sample: own })).concat(summary('x', { sample: other }));
    const doubted = () => tree.roots().flatMap((group) => tree.childrenOf(group)).map((node) => node.type === 'checkpoint' && [node.summary.name, node.strange !== null]);
    await tree.update(found);
    const all = doubted();
    expect(all).toEqual([['a', false], ['b', false], ['c', false], ['x', true]]);
    tree.filter = 'x';
    await tree.update(found);
    expect(doubted()).toEqual([['x', true]]); // alone it would be like all others
    expect(tree.roots()[0]).toMatchObject({ description: 'base not recorded · 1 of 4 checkpoints' });
    tree.filter = '';
    await tree.update(found);
    expect(doubted()).toEqual(all);
  });
});

test('what a sweep has measured of base, experts and soups', async () => {
  const experiment = path.join(directory, 'runs', 'lab');
  mkdirSync(path.join(experiment, 'sweep'), { recursive: true });
  const lines = [
    { kind: 'init', name: 'init', weights: null, rewards: { risky: { mean: 1, samples: [0, 2] } } },
    { kind: 'expert', name: 'risky', weights: { risky: 1, safe: 0 }, rewards: { risky: { mean: 812, stderr: 9, n: 20 } } },
    { kind: 'soup', name: 's', weights: { risky: 0.3, safe: 0.7 }, rewards: { risky: { mean: 5 } } },
  ];
  writeFileSync(path.join(experiment, 'sweep', 'results.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const evaluations = new Evaluations();
  const of = async (change: Partial<CheckpointSummary>, at = path.join(experiment, 'experts', 'risky')) => {
    const { scores, errors } = await evaluations.added(summary('x', { path: at, scores: { risky: 3, other: 4 }, ...change }));
    return { scores, errors };
  };
  expect(await of({ role: 'base' })).toEqual({ scores: { risky: 1, other: 4 }, errors: { risky: 1 } }); // of 0 and 2: √2 / √2
  expect(await of({ role: 'expert', name: 'risky' })).toEqual({ scores: { risky: 812, other: 4 }, errors: { risky: 9 } });
  expect(await of({ role: 'soup', weights: { safe: 0.7, risky: 0.3 } })).toEqual({ scores: { risky: 5, other: 4 }, errors: { risky: null } });
  const unmeasured = { scores: { risky: 3, other: 4 }, errors: {} };
  expect(await of({ role: 'soup', weights: { safe: 0.6, risky: 0.4 } })).toEqual(unmeasured);
  expect(await of({ role: 'base' }, path.join(directory, 'elsewhere'))).toEqual(unmeasured);
});
