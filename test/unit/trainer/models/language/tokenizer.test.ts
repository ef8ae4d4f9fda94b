import { createHash } from 'node:crypto';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { openTokenizer } from '../../../../../src/trainer/models/language/tokenizer';
import { fixtures, modelDirectory } from './fixtures';

const directory = path.join(fixtures, 'tokenizers');

test.each(['gpt2', 'llama3', 'smollm', 'llama2'])('%s: ids and decoded text of 1,000 lines of several scripts are those of the Python package', async (kind) => {
  const lines = JSON.parse(await readFile(path.join(directory, 'lines.json'), 'utf8')) as string[];
  const digests = (JSON.parse(await readFile(path.join(directory, 'digests.json'), 'utf8')) as Record<string, string[]>)[kind]!;
  const tokenizer = await openTokenizer(path.join(directory, kind));
  const wrong = lines.filter((line, i) => {
    const ids = tokenizer.encode(line);
    return createHash('sha256').update(`${ids.join(' ')}\n${tokenizer.decode(ids)}`).digest('hex').slice(0, 8) !== digests[i];
  });
  expect(lines.length).toBeGreaterThanOrEqual(1000);
  expect(wrong).toEqual([]);
});

test.each([
  // the published vectors of tokenizers' ByteFallback decoder
  [['<0x61>'], 'a'], [['<0xE5>'], '�'], [['<0xE5>', '<0x8F>'], '��'], [['<0xE5>', '<0x8F>', '<0xAB>'], '叫'],
  [['<0xE5>', '<0x8F>', '<0xAB>', 'a'], '叫a'], [['<0xE5>', '<0x8F>', 'a'], '��a'],
  // a run counts as a whole
  [['<0x61>', '<0xE5>', '<0x8F>', 'a', '<0x62>'], '���ab'],
])('byte tokens %j are %j', async (tokens, text) => {
  const stops = path.join(fixtures, 'stops');
  const { model } = JSON.parse(await readFile(path.join(stops, 'tokenizer.json'), 'utf8')) as { readonly model: { readonly vocab: Readonly<Record<string, number>> } };
  expect((await openTokenizer(stops)).decode(tokens.map((token) => model.vocab[token]!))).toBe(text);
});

async function withFiles(files: Readonly<Record<string, string>>): Promise<string> {
  const target = await mkdtemp(path.join(os.tmpdir(), 'tokenizer-'));
  const model = await readFile(path.join(modelDirectory('gpt2'), 'tokenizer.json'), 'utf8');
  for (const [name, text] of Object.entries({ 'tokenizer.json': model, ...files })) await writeFile(path.join(target, name), text);
  return target;
}

test('special tokens come from the config, and are skipped in texts', async () => {
  const tokenizer = await openTokenizer(modelDirectory('gpt2'));
  expect(tokenizer).toMatchObject({ vocabularySize: 50, beginToken: 0, endToken: 1, paddingToken: 1 });
  expect([...tokenizer.encode('t4 t2 </s>')]).toEqual([4, 2, 1]);
  expect(tokenizer.decode([4, 2, 1])).toBe('t4 t2');
  expect(tokenizer.decode([4, 1], { skipSpecialTokens: false })).toBe('t4 </s>');
});

test('chat templates are rendered as transformers renders them', async () => {
  const template = "{{ bos_token }}{% for message in messages %}[{{ message['role'] }}] {{ message['content'] | trim }}{{ eos_token }}{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}";
  const named = await openTokenizer(await withFiles({ 'tokenizer_config.json': JSON.stringify({ bos_token: { content: '<s>' }, eos_token: '</s>', chat_template: [{ name: 'tool_use', template: '' }, { name: 'default', template }] }) }));
  expect(named.renderChat([{ role: 'user', content: ' hi ' }], { addGenerationPrompt: true })).toBe('<s>[user] hi</s>[assistant]');
  const separate = await openTokenizer(await withFiles({ 'chat_template.jinja': template }));
  expect(separate.renderChat([{ role: 'user', content: 'hi' }])).toBe('[user] hi');
});

test('what is missing or broken is named', async () => {
  const empty = await mkdtemp(path.join(os.tmpdir(), 'tokenizer-'));
  await expect(openTokenizer(empty)).rejects.toMatchObject({ name: 'MissingTokenizerError', isInput: true });
  await expect(openTokenizer(await withFiles({ 'tokenizer.json': '{"model":' }))).rejects.toMatchObject({ name: 'MalformedTokenizerError' });
  await expect(openTokenizer(await withFiles({ 'tokenizer.json': JSON.stringify({ ...JSON.parse(await readFile(path.join(modelDirectory('gpt2'), 'tokenizer.json'), 'utf8')) as object, added_tokens: [{ id: 0, content: '<s>', single_word: true }] }) }))).rejects.toMatchObject({ name: 'UnsupportedTokenizerError', message: expect.stringContaining('"<s>"') as string });
  const plain = await openTokenizer(await withFiles({}));
  expect(() => plain.renderChat([])).toThrow(expect.objectContaining({ name: 'MissingChatTemplateError' }) as Error);
  const failing = await openTokenizer(await withFiles({ 'chat_template.jinja': "{{ raise_exception('only user and assistant') }}" }));
  expect(() => failing.renderChat([])).toThrow(/only user and assistant/);
});
