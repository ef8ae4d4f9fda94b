import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { NamedCheckpoint } from '../../checkpoint/names';
import { SoupError } from '../../errors';
import { tokenizerDirectory } from '../tokenizer/tokenizer-directory';
import { chatFormats } from './chat-formats';

/**
 * The chat template that a configuration asks for: `auto` is the one that most models have (of equally many, the first),
 * anything with a brace the template itself, all else the name of a format. Null where no model has one.
 * @throws ChatTemplateError for a name that is not known
 */
export async function chatTemplate(wanted: string, models: readonly NamedCheckpoint[]): Promise<string | null> {
  if (wanted !== 'auto') {
    const template = wanted.includes('{') ? wanted : chatFormats.get(wanted);
    if (template !== undefined) return template;
    throw new SoupError('ChatTemplateError', `chat_template: "${wanted}" is not known: there are auto, ${[...chatFormats.keys()].join(', ')} — or write the Jinja template itself, as it stands in a model's tokenizer_config.json`);
  }
  const counts = new Map<string, number>();
  for (const { checkpoint } of models) {
    const directory = await tokenizerDirectory(checkpoint);
    const template = directory === null ? null : await templateOf(directory);
    if (template) counts.set(template, (counts.get(template) ?? 0) + 1);
  }
  return [...counts].reduce<readonly [string | null, number]>((best, entry) => (entry[1] > best[1] ? entry : best), [null, 0])[0];
}

/** chat_template.jinja, or the entry of tokenizer_config.json. */
async function templateOf(directory: string): Promise<string | null> {
  const file = await readFile(path.join(directory, 'chat_template.jinja'), 'utf8').catch(() => null);
  if (file !== null) return file.trim();
  const config = await readFile(path.join(directory, 'tokenizer_config.json'), 'utf8').then((text) => JSON.parse(text) as { chat_template?: unknown }, () => null);
  const template = config?.chat_template;
  if (typeof template === 'string') return template.trim();
  const named = Array.isArray(template) ? (template as readonly { name?: string; template?: string }[]) : [];
  return named.find(({ name }) => name === 'default')?.template?.trim() ?? null;
}

/** Files that give an output this template: the .jinja file, which newer transformers read first, and the entry of tokenizer_config.json. */
export async function templateFiles(template: string, directory: string): Promise<Map<string, string>> {
  const files = new Map([['chat_template.jinja', template]]);
  const text = await readFile(path.join(directory, 'tokenizer_config.json'), 'utf8').catch(() => null);
  if (text !== null) files.set('tokenizer_config.json', `${JSON.stringify({ ...(JSON.parse(text) as Record<string, unknown>), chat_template: template }, null, 2)}\n`);
  return files;
}
