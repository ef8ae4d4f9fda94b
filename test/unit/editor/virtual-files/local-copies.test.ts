import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openCheckpoint } from '../../../../src/checkpoint/checkpoint';
import { writeSafetensors } from '../../../../src/checkpoint/safetensors';
import { checkpointOfFile, filesOfCheckpoint } from '../../../../src/editor/checkpoint-tree/checkpoint-paths';
import { summariseCheckpoint } from '../../../../src/editor/checkpoint-tree/checkpoint-summary';
import { Evaluations } from '../../../../src/editor/checkpoint-tree/evaluations';
import { holdCheckpoint } from '../../../../src/editor/virtual-files/hold-checkpoint';
import { LocalCopies, viewerLimitBytes } from '../../../../src/editor/virtual-files/local-copies';
import { walk } from '../../../../src/editor/virtual-files/walk';
import { MemoryFiles, uris } from './memory-files';

const directory = mkdtempSync(path.join(tmpdir(), 'copies-'));
afterAll(() => rmSync(directory, { recursive: true }));

const memory = (at: string, authority = ''): ReturnType<typeof uris.from> => uris.from({ scheme: 'memory', authority, path: at });
let files: MemoryFiles;
let copies: LocalCopies;
let root: string;
beforeEach(() => {
  files = new MemoryFiles();
  root = mkdtempSync(path.join(directory, 'root-'));
  copies = new LocalCopies(files, uris, root);
});

test('a path for every place, and the place of every path', () => {
  expect(copies.pathOf(uris.file('/lab/a.pt'))).toBe('/lab/a.pt');
  for (const uri of [memory('/lab/a b%20#.pt'), memory('/a.pt', 'host:80'), uris.from({ scheme: 'vscode-vfs', authority: 'github', path: '/o/r/a.pt' })]) {
    const at = copies.pathOf(uri);
    expect(at.startsWith(root + path.sep)).toBe(true);
    expect(copies.isCopy(at)).toBe(true);
    expect({ ...copies.uriOf(at), toString: null }).toEqual({ ...uri, toString: null });
    expect(copies.shown(at)).toBe(uri.toString());
    expect(copies.uriOfShown(copies.shown(at)).toString()).toBe(uri.toString());
  }
  // the directory above is the place above: what lies beside a file is found by its path
  expect(copies.uriOf(path.dirname(copies.pathOf(memory('/lab/a.pt')))).toString()).toBe('memory:/lab');
  expect(copies.isCopy('/lab/a.pt')).toBe(false);
  expect(copies.uriOfShown('/lab/a.pt').toString()).toBe('file:/lab/a.pt');
});

test('no place leads out of the folder of copies', () => {
  const at = copies.pathOf(memory('/../../../etc/passwd'));
  expect(path.relative(root, at).startsWith('..')).toBe(false);
});

test('messages name places as the user knows them', () => {
  const [a, b] = [copies.pathOf(memory('/lab/a.pt')), copies.pathOf(memory('/b.pt', 'host'))];
  expect(copies.inWords(`${a}: cut off; ${b} is not`)).toBe('memory:/lab/a.pt: cut off; memory://host/b.pt is not');
  expect(copies.inWords('/lab/a.pt: cut off')).toBe('/lab/a.pt: cut off');
});

test('what is held is there whole, is fetched once, and again after a change', async () => {
  const at = copies.pathOf(memory('/lab/a.bin'));
  files.write('/lab/a.bin', Uint8Array.of(1, 2, 3));
  const releases = await Promise.all([copies.hold([at], 100), copies.hold([at, '/somewhere/on/this/disk'], 100)]);
  expect([...readFileSync(at)]).toEqual([1, 2, 3]);
  expect(files.read).toEqual(['/lab/a.bin']);
  for (const release of releases) release();
  (await copies.hold([at], 100))();
  expect(files.read).toHaveLength(1);
  files.write('/lab/a.bin', Uint8Array.of(4), 2);
  (await copies.hold([at], 100))();
  expect([...readFileSync(at)]).toEqual([4]);
  copies.dispose();
  expect(existsSync(root)).toBe(false);
});

test('what is larger than the limit is refused before it is read, with the way out', async () => {
  files.write('/lab/large.bin', new Uint8Array(1000));
  const at = copies.pathOf(memory('/lab/large.bin'));
  await expect(copies.hold([at], 999)).rejects.toMatchObject({ name: 'VirtualFileTooLargeError', message: expect.stringMatching(/^memory:\/lab\/large\.bin: .*only as a whole.*1 kB.*999 B.*select it/) as string });
  jest.spyOn(files, 'stat').mockResolvedValue({ type: 1, mtime: 1, size: viewerLimitBytes + 1 });
  await expect(copies.hold([at], viewerLimitBytes)).rejects.toMatchObject({ message: expect.stringContaining('open the folder on the machine that holds it') as string });
  expect(files.read).toEqual([]);
});

test('a file that cannot be read says why, and is asked for again', async () => {
  const at = copies.pathOf(memory('/lab/a.bin'));
  files.write('/lab/a.bin', Uint8Array.of(1));
  const broken = jest.spyOn(files, 'readFile').mockRejectedValueOnce(new Error('the connection is gone'));
  await expect(copies.hold([at], 100)).rejects.toMatchObject({ name: 'FileError', message: 'memory:/lab/a.bin: the connection is gone' });
  broken.mockRestore();
  await copies.hold([at], 100);
  expect([...readFileSync(at)]).toEqual([1]);
});

test('copies that nobody holds make room, the longest unused first; those that are held stay', async () => {
  const large = new Uint8Array(200e6);
  const places = ['a', 'b', 'c', 'd'].map((name) => copies.pathOf(memory(`/lab/${name}.bin`)));
  for (const name of ['a', 'b', 'c', 'd']) files.write(`/lab/${name}.bin`, large);
  const held = await copies.hold([places[0]!], 1e9);
  for (const at of places.slice(1)) (await copies.hold([at], 1e9))();
  for (const end = Date.now() + 30_000; places.filter((at) => existsSync(at)).length > 2 && Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 20)));
  expect(places.map((at) => existsSync(at))).toEqual([true, false, false, true]);
  held();
});

test('a walk lists a folder from its top, without what is excluded, links and what cannot be listed', async () => {
  for (const at of ['/lab/a.pt', '/lab/sub/deep/b.pt', '/lab/node_modules/c.pt', '/lab/sub/config.json', '/elsewhere/d.pt']) files.write(at, Uint8Array.of(0));
  const listing = { readDirectory: async (uri: ReturnType<typeof memory>) => [...(await files.readDirectory(uri)), ...(uri.path === '/lab' ? [['loop', 2 | 64] as const, ['gone', 2] as const] : [])] };
  const found: string[] = [];
  for await (const { uri, names } of walk(listing, memory('/lab'), ['node_modules'], uris.join)) found.push(`${uri.path}: ${names.join()}`);
  expect(found).toEqual(['/lab: a.pt', '/lab/sub: config.json', '/lab/gone: ', '/lab/sub/deep: b.pt']);
});

describe('files of a checkpoint', () => {
  test.each([
    [['model.safetensors', 'pytorch_model.bin', 'config.json', 'tokenizer.json'], null, ['model.safetensors', 'config.json']],
    [['adapter_model.safetensors', 'adapter_config.json', 'optimizer.pt'], null, ['adapter_model.safetensors', 'adapter_config.json']],
    [['model.safetensors.index.json', 'model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors', 'pytorch_model-00001-of-00002.bin', 'run.json'], null, ['model.safetensors.index.json', 'model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors', 'run.json']],
    [['pytorch_model.bin.index.json', 'pytorch_model-00001-of-00001.bin', 'model-00001-of-00001.safetensors'], null, ['pytorch_model.bin.index.json', 'pytorch_model-00001-of-00001.bin']],
    [['policy.pt', 'other.pt', 'soup.json'], 'policy.pt', ['policy.pt', 'soup.json']],
  ])('of %p with %p are %p', (names, file, expected) => {
    expect(filesOfCheckpoint(names, file)).toEqual(expected);
  });

  test('a shard belongs to its directory, any other file to itself', async () => {
    const namesIn = async () => ['model.safetensors.index.json', 'model-00001-of-00002.safetensors'];
    expect(await checkpointOfFile('/m/model-00001-of-00002.safetensors', namesIn)).toBe('/m');
    expect(await checkpointOfFile('/m/other.safetensors', namesIn)).toBe('/m/other.safetensors');
    expect(await checkpointOfFile('/m/model-00001-of-00002.safetensors', async () => ['model-00001-of-00002.safetensors'])).toBe('/m/model-00001-of-00002.safetensors');
  });
});

test('a checkpoint of another file system is summed up as its original on the disk is', async () => {
  const original = path.join(directory, 'lab', 'runs', 'demo', 'experts', 'risky');
  rmSync(original, { recursive: true, force: true });
  const local = (name: string): string => path.join(original, name);
  const { mkdirSync, writeFileSync } = await import('node:fs');
  mkdirSync(original, { recursive: true });
  const data = new Uint8Array(Float32Array.from({ length: 12 }, (_, k) => Math.sin(k)).buffer);
  await writeSafetensors(local('model.safetensors'), [{ name: 'w', dtype: 'F32', shape: [3, 4], data }], { 'soup.kind': 'expert', 'soup.name': 'risky' });
  writeFileSync(local('config.json'), '{"model_type":"gpt2"}');
  const results = `${JSON.stringify({ kind: 'expert', name: 'risky', weights: { risky: 1 }, rewards: { risky: { mean: 812, stderr: 9, n: 20 } } })}\n`;
  for (const name of ['model.safetensors', 'config.json']) files.write(`/lab/runs/demo/experts/risky/${name}`, readFileSync(local(name)));
  files.write('/lab/runs/demo/sweep/results.jsonl', Buffer.from(results));
  const at = copies.pathOf(memory('/lab/runs/demo/experts/risky'));
  const release = await holdCheckpoint(copies, at, viewerLimitBytes);
  const summary = await new Evaluations().added(await summariseCheckpoint(at));
  release();
  const { path: where, scores, errors, ...rest } = summary;
  const { path: _, scores: _s, errors: _e, ...expected } = await summariseCheckpoint(original);
  expect(rest).toEqual(expected);
  expect({ where, scores, errors }).toEqual({ where: at, scores: { risky: 812 }, errors: { risky: 9 } });
  expect((await openCheckpoint(at)).config).toEqual({ model_type: 'gpt2' });
});
