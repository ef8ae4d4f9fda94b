import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Template } from '@huggingface/jinja';
import { chatFormats } from '../../../../src/merge/mergekit/chat-formats';

interface Chat {
  readonly format: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly prompt: boolean;
  /** what mergekit's template of that name gives */
  readonly text: string;
}

const chats = JSON.parse(readFileSync(path.join(__dirname, '../../../fixtures/merge/mergekit/chats.json'), 'utf8')) as Chat[];
const render = (format: string, messages: Chat['messages'], prompt: boolean): string =>
  new Template(chatFormats.get(format)!).render({ messages, add_generation_prompt: prompt, bos_token: '<s>', eos_token: '</s>' });

/** White space that mergekit's files have between turns, and the published formats do not. */
const published: Record<string, (text: string) => string> = {
  alpaca: (text) => text.trimStart().replace(/(?<!\n\n)### Response:\n$/, '\n\n### Response:\n'),
  exaone: (text) => text.replace(/\n {8}/g, '').replace(/^ +(?=\[\|)/gm, '').replace(/\n\n(?=\[|$)/g, '\n').replace(/(\[\|assistant\|\])\n$/, '$1'),
  llama3: (text) => text.replaceAll('<|eot_id|>\n', '<|eot_id|>'),
};

test.each([...chatFormats.keys()])('%s: the text that mergekit\'s template gives, but for stray white space', (format) => {
  const own = chats.filter((chat) => chat.format === format);
  expect(own.length).toBeGreaterThan(0);
  for (const { messages, prompt, text } of own) expect(render(format, messages, prompt)).toBe((published[format] ?? String)(text));
});

const user = { role: 'user', content: 'Hi' };

test('the formats that differ, in full', () => {
  expect(render('llama3', [user], true)).toBe('<s><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n');
  expect(render('exaone', [user], true)).toBe('[|system|][|endofturn|]\n[|user|]Hi\n[|assistant|]');
  expect(render('alpaca', [user, { role: 'user_context', content: 'there' }], true)).toBe('### Instruction:\nHi\n\n### Input:\nthere\n\n### Response:\n');
});

test('mistral wants turns', () => {
  expect(() => render('mistral', [user, user], false)).toThrow(/take turns/);
});
