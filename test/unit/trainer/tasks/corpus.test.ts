import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openTokenizer } from '../../../../src/trainer/models/language/tokenizer';
import { readSequences } from '../../../../src/trainer/tasks/text/corpus';
import { modelDirectory } from '../models/language/fixtures';

let file: string;
beforeEach(async () => {
  file = path.join(await mkdtemp(path.join(tmpdir(), 'corpus-')), 'corpus.jsonl');
  await writeFile(file, ['{"text":"t2 t3"}', '{"prompt":"t4 t5","completion":"t6 t7 t8"}', '{"prompt":"t4 t5 t6 t7","reference":["t8"]}'].join('\n'));
});
afterEach(() => rm(path.dirname(file), { recursive: true }));

const read = async (longest: number) => {
  const { sequences, note } = await readSequences(file, await openTokenizer(modelDirectory('llama')), longest);
  return { learned: sequences.map(({ prompt, tokens }) => [[...prompt], [...tokens]]), note };
};

test('a text is learned from its second token on, of a pair the completion alone, each to its end', async () => {
  expect(await read(10)).toEqual({ learned: [[[2], [3, 1]], [[4, 5], [6, 7, 8, 1]], [[4, 5, 6, 7], [8, 1]]], note: null });
});

test('what does not fit is cut or left out, and said', async () => {
  const { learned, note } = await read(4);
  expect(learned).toEqual([[[2], [3, 1]], [[4, 5], [6, 7]]]);
  expect(note).toMatch(/of 3 sequences, 1 are cut after 4 tokens and 1 are left out/);
  await expect(read(1)).rejects.toMatchObject({ name: 'PromptsError', message: expect.stringMatching(/nothing to learn within 1 tokens/) as string });
});
