import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openCheckpoint } from '../../../../src/checkpoint/checkpoint';
import { Findings } from '../../../../src/merge/checks/findings';
import { checkVocabularies } from '../../../../src/merge/checks/vocabularies';
import { mergeFromConfig } from '../../../../src/merge/mergekit/merge';
import { sentencePieces } from '../../../../src/merge/tokenizer/sentencepiece';
import { readTokenizer } from '../../../../src/merge/tokenizer/tokenizer-file';

const fixtures = path.join(__dirname, '../../../fixtures/tokenizer');
const pieces = readFileSync(path.join(fixtures, 'pieces.model'));
let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'soup-'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** The fixture's model a, 12 rows of embeddings, with other tokenizer files. */
function model(name: string, files: Readonly<Record<string, string | Buffer>>): string {
  const directory = path.join(root, name);
  cpSync(path.join(fixtures, 'a'), directory, { recursive: true });
  for (const file of ['tokenizer.json', 'tokenizer_config.json']) rmSync(path.join(directory, file));
  for (const [file, content] of Object.entries(files)) writeFileSync(path.join(directory, file), content);
  return directory;
}
const open = async (name: string) => ({ name, checkpoint: await openCheckpoint(path.join(root, name)) });

async function found(...names: [string, string]) {
  const findings = new Findings();
  await checkVocabularies(await open(names[0]), await open(names[1]), findings);
  return [findings.textsOf('problem').join(), findings.textsOf('warning').join()];
}

test('pieces as the library reads them, and nothing of what is cut off', () => {
  expect(sentencePieces(pieces)).toEqual(JSON.parse(readFileSync(path.join(fixtures, 'pieces.json'), 'utf8')));
  expect(sentencePieces(pieces.subarray(0, pieces.length - 3))).toBeNull();
  expect(sentencePieces(Buffer.from('<html>'))).toBeNull();
  for (let at = 0; at < 2000; at++) {
    const spoilt = Buffer.from(pieces);
    spoilt[(at * 7919) % spoilt.length] ^= 1 << (at % 8);
    sentencePieces(spoilt);
  }
});

const words = 'a b c d e f g h'.split(' ');
const bytePairs = JSON.stringify(Object.fromEntries(words.map((word, id) => [word, id])));
const moved = JSON.stringify(Object.fromEntries([...words].reverse().map((word, id) => [word, id])));

test.each<[string, Record<string, string | Buffer>, number, [string, number]]>([
  ['SentencePiece, with added tokens', { 'tokenizer.model': pieces, 'added_tokens.json': '{"<pad>": 400}' }, 401, ['<|im_start|>', 3]],
  ['byte pairs', { 'vocab.json': bytePairs, 'merges.txt': '', 'tokenizer_config.json': '{"added_tokens_decoder": {"8": {"content": "<x>", "special": true}}}' }, 9, ['<x>', 8]],
  ['word pieces', { 'vocab.txt': '[PAD]\n##s\nword\n' }, 3, ['word', 2]],
  ['tiktoken', { 'qwen.tiktoken': 'IQ== 0\nIg== 1\n' }, 2, ['Ig==', 1]],
  ['tiktoken under the usual name', { 'tokenizer.model': 'IQ== 0\nIg== 1\n' }, 2, ['Ig==', 1]],
])('%s', async (_, files, size, [token, id]) => {
  model('m', files);
  const { vocabulary } = (await readTokenizer(await open('m')))!;
  expect(Math.max(...vocabulary.values()) + 1).toBe(size);
  expect(vocabulary.get(token)).toBe(id);
});

test('a file that is no tokenizer is named', async () => {
  model('m', { 'tokenizer.model': 'version https://git-lfs.github.com/spec/v1\n' });
  await expect(readTokenizer(await open('m'))).rejects.toMatchObject({ name: 'TokenizerError', message: expect.stringContaining('tokenizer.model') as string });
});

test('tokens are compared, whatever the form', async () => {
  model('a', { 'vocab.json': bytePairs, 'merges.txt': 'a b' });
  model('same', { 'vocab.json': bytePairs, 'merges.txt': 'a b' });
  model('merges', { 'vocab.json': bytePairs, 'merges.txt': 'b c' });
  model('moved', { 'vocab.json': moved, 'merges.txt': 'a b' });
  model('lines', { 'vocab.txt': words.join('\n') });
  model('more', { 'vocab.json': bytePairs, 'merges.txt': 'a b', 'added_tokens.json': '{"<x>": 8}' });
  expect(await found('a', 'same')).toEqual(['', '']);
  expect(await found('a', 'lines')).toEqual(['', '']);
  expect(await found('a', 'merges')).toEqual(['', expect.stringMatching(/merges.txt .* same tokens and other settings/)]);
  expect(await found('a', 'moved')).toEqual([expect.stringMatching(/vocab.json: 8 tokens have one id in a and another in moved \("a": 0 and 7/), '']);
  expect(await found('a', 'more')).toEqual(['', expect.stringMatching(/1 tokens are only in one of a and more \("<x>"\)/)]);
});

test('rows are matched by token, and the tokenizer is copied; what needs a tokenizer.json says how to make it', async () => {
  const merge = (output: string, source: string) => {
    writeFileSync(path.join(root, 'merge.yml'), `merge_method: linear\nmodels:\n- {model: a, parameters: {weight: 1}}\n- {model: b, parameters: {weight: 1}}\ntokenizer_source: ${source}\n`);
    return mergeFromConfig({ config: path.join(root, 'merge.yml'), output: path.join(root, output) });
  };
  model('a', { 'vocab.json': bytePairs, 'merges.txt': 'a b' });
  model('b', { 'vocab.json': moved, 'merges.txt': 'a b' });
  await merge('soup', 'union');
  expect(readdirSync(path.join(root, 'soup'))).toEqual(expect.arrayContaining(['vocab.json', 'merges.txt']));
  const { checkpoint } = await open('soup');
  expect(checkpoint.tensors.get('model.embed_tokens.weight')?.shape).toEqual([8, 3]);
  const embeddings = ({ file, position }: { file: string; position: number }) => Array.from({ length: 24 }, (_, k) => readFileSync(file).readFloatLE(position + 4 * k));
  const [own, soup] = await Promise.all(['a', 'soup'].map(async (name) => embeddings((await open(name)).checkpoint.tensors.get('model.embed_tokens.weight')!)));
  // of token k, the row k of a and the row 7 − k of b, which are the same matrix
  for (let k = 0; k < 8; k++) for (let j = 0; j < 3; j++) expect(soup[3 * k + j]).toBeCloseTo((own[3 * k + j] + own[3 * (7 - k) + j]) / 2, 6);
  model('b', { 'vocab.json': JSON.stringify({ ...JSON.parse(moved), '<new>': 8 }), 'merges.txt': 'a b' });
  await expect(merge('none', 'union')).rejects.toMatchObject({ name: 'TokenizerError', message: expect.stringMatching(/a: would get 1 more tokens \("<new>"\), and tokens of a tokenizer.json alone can be changed, not those of vocab.json — convert it: .*AutoTokenizer/) as string });
});
