import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openCheckpoint, type CheckpointTensor } from '../../../../src/checkpoint/checkpoint';
import { inspectCheckpoint } from '../../../../src/checkpoint/inspect';
import { wholePickle } from '../../../../src/checkpoint/pytorch/unpickle';
import { readHeader, readTensorBytes } from '../../../../src/checkpoint/safetensors';
import { openTensorReader } from '../../../../src/checkpoint/tensor-reader';

const fixtures = path.join(__dirname, '../../../fixtures/pytorch');
const at = (name: string) => path.join(fixtures, name);
let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'soup-'));
});
afterEach(() => rmSync(root, { recursive: true }));

async function bytesOf(tensor: CheckpointTensor): Promise<Buffer> {
  const reader = openTensorReader();
  const bytes = Buffer.alloc(tensor.end - tensor.begin);
  await reader.read(tensor, 0, bytes);
  await reader.close();
  return bytes;
}

test.each([['every.pt', 22], ['legacy.pt', 17]])('%s holds what torch saved, byte for byte', async (name, count) => {
  const { tensors } = await openCheckpoint(at(name));
  const same = await readHeader(at('every.safetensors'));
  expect(tensors.size).toBe(count);
  for (const tensor of tensors.values()) {
    expect(tensor).toMatchObject({ dtype: same.tensors.get(tensor.name)?.dtype, shape: same.tensors.get(tensor.name)?.shape });
    expect(Buffer.compare(await bytesOf(tensor), await readTensorBytes(at('every.safetensors'), same, tensor.name))).toBe(0);
  }
});

test.each(['nested.pt', 'protocol4.pt'])('%s: weights under state_dict', async (name) => {
  const { tensors } = await openCheckpoint(at(name));
  expect([...tensors.keys()].sort()).toEqual(['blocks.0.b', 'w']);
});

test('directories as transformers lays them out, with shards', async () => {
  cpSync(at('nested.pt'), path.join(root, 'pytorch_model-1.bin'));
  writeFileSync(path.join(root, 'pytorch_model.bin.index.json'), JSON.stringify({ weight_map: { w: 'pytorch_model-1.bin', 'blocks.0.b': 'pytorch_model-1.bin' } }));
  const sharded = await openCheckpoint(root);
  expect(sharded.kind).toBe('sharded');
  expect(inspectCheckpoint(sharded)).toMatchObject({ tensorCount: 2, parameters: 3 });
  cpSync(at('legacy.pt'), path.join(root, 'pytorch_model.bin'));
  expect(await openCheckpoint(root)).toMatchObject({ kind: 'directory' });
});

test.each([
  ['evil.pt', 'UnsafePickleError', /calls for posix\.system, .*never code/],
  ['evil-legacy.pt', 'UnsafePickleError', /calls for posix\.system/],
  ['module.pt', 'UnsafePickleError', /calls for torch\.nn\.modules\.linear\.Linear/],
  ['sparse.pt', 'UnsafePickleError', /calls for torch\._utils\._rebuild_sparse_tensor/],
  ['quantized.pt', 'UnsafePickleError', /calls for torch\./],
  ['strided.pt', 'UnsupportedPytorchError', /t is a strided view, \[3, 2\] with strides \[1, 3\]/],
  ['big-endian.pt', 'UnsupportedPytorchError', /big-endian/],
])('%s is refused: %s', async (name, error, message) => {
  await expect(openCheckpoint(at(name))).rejects.toMatchObject({ name: error, message: expect.stringMatching(message) as string, isInput: true });
  expect(existsSync('/tmp/soup-was-run')).toBe(false);
});

test('a pickle that torch has not written says what it calls for', async () => {
  cpSync(at('evil.pkl'), path.join(root, 'evil.bin'));
  await expect(openCheckpoint(path.join(root, 'evil.bin'))).rejects.toMatchObject({ name: 'UnsafePickleError', message: expect.stringContaining('posix.system') as string });
});

test('truncated at any byte: a named error', async () => {
  const whole = readFileSync(at('nested.pt'));
  const file = path.join(root, 'x.pt');
  for (let length = 0; length < whole.length; length += 7) {
    writeFileSync(file, whole.subarray(0, length));
    await expect(openCheckpoint(file)).rejects.toMatchObject({ name: expect.stringMatching(/^(MalformedPickle|NotSafetensors|TruncatedFile)Error$/) as string });
  }
});

describe('pickles by hand', () => {
  const read = (text: string) => wholePickle(Buffer.from(text, 'latin1'), 'x').value;
  test.each<[string, unknown]>([
    ['I01\n.', true],
    ['I-7\n.', -7],
    ['L340282366920938463463374607431768211456L\n.', 2n ** 128n],
    ['\x8a\x02\x00\x80.', -32768],
    ['\x8a\x00.', 0],
    ['G\x3f\xf8\x00\x00\x00\x00\x00\x00.', 1.5],
    ['(lp0\nI1\naI2\na.', [1, 2]],
    ['X\x02\x00\x00\x00\xc3\xa9.', 'é'],
    ['(K\x01K\x02t.', [1, 2]],
    ['}(X\x01\x00\x00\x00aK\x01u.', new Map([['a', 1]])],
  ])('%j', (text, value) => {
    expect(read(text)).toEqual(value);
  });

  test.each([
    ['a name in INST', '(ios\nsystem\n.', 'UnsafePickleError', /os\.system/],
    ['a name from the stack', '\x8c\x02os\x8c\x06system\x93.', 'UnsafePickleError', /os\.system/],
    ['a name of JavaScript', 'cconstructor\nconstructor\n.', 'UnsafePickleError', /constructor\.constructor/],
    ['a call of a type', 'ctorch\nFloatStorage\n)R.', 'UnsafePickleError', /torch\.FloatStorage\(…\)/],
    ['state of a list', ']K\x01b.', 'UnsupportedPytorchError', /sets the state/],
    ['the extension registry', '\x82\x01.', 'UnsupportedPytorchError', /extension registry/],
    ['an empty stack', '.', 'MalformedPickleError', /empty stack/],
    ['no end', '(((', 'MalformedPickleError', /cut off/],
    ['a huge number', '\x8b\xff\xff\xff\x7f.', 'MalformedPickleError', /number of 2147483647 bytes/],
  ])('%s is refused', (_, text, name, message) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ name, message: expect.stringMatching(message) as string }));
  });
});
