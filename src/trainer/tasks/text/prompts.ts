import { readFile } from 'node:fs/promises';
import { SoupError } from '../../../errors';
import type { TextTask } from '../../../experiment/tasks/text';
import type { Prompt } from '../../metrics/metric';
import { RandomStream } from '../../random';

/** Prompts that trainings draw from, and those that only sweeps see. */
export interface PromptSplit {
  readonly train: readonly Prompt[];
  readonly validation: readonly Prompt[];
}

/**
 * Reads the prompts of a task. Without a file for validation, a part of them is held out: the same one in every run.
 * @throws SoupError PromptsError with file and line
 */
export async function readPrompts({ prompts, validationPrompts, validation }: Pick<TextTask, 'prompts' | 'validationPrompts' | 'validation'>): Promise<PromptSplit> {
  const all = await readPromptFile(prompts);
  if (validationPrompts !== undefined) return { train: all, validation: await readPromptFile(validationPrompts) };
  if (all.length < 2) throw promptsError(prompts, 'has one prompt: at least two are needed, one of them for the sweep');
  const held = Math.min(all.length - 1, Math.max(1, Math.round(all.length * validation)));
  const order = RandomStream.of(0, 0).permutation(all.length);
  const isHeld = new Set(order.slice(0, held));
  return { train: all.filter((_, index) => !isHeld.has(index)), validation: all.filter((_, index) => isHeld.has(index)) };
}

/** A .txt file has one prompt a line; a .jsonl file one object a line, with prompt and perhaps reference and source. */
export async function readPromptFile(file: string): Promise<Prompt[]> {
  const lines = await readLines(file);
  const prompts = file.endsWith('.jsonl') ? lines.map(({ text, line }) => promptOf(parseLine(file, line, text), file, line)) : lines.map(({ text }) => ({ prompt: text, references: [], source: null }));
  if (prompts.length === 0) throw promptsError(file, 'is empty');
  return prompts;
}

/** Lines that are not blank, with their numbers. @throws SoupError PromptsError */
export async function readLines(file: string): Promise<{ readonly text: string; readonly line: number }[]> {
  const content = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw promptsError(file, cause.code === 'ENOENT' ? 'does not exist' : `cannot be read (${cause.code})`, cause);
  });
  return content.split(/\r?\n/).map((text, index) => ({ text, line: index + 1 })).filter(({ text }) => text.trim() !== '');
}

/** @throws SoupError PromptsError */
export function parseLine(file: string, line: number, text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (cause) {
    throw promptsError(`${file}:${line}`, `is no JSON: ${(cause as Error).message}`, cause);
  }
  throw promptsError(`${file}:${line}`, 'is no JSON object');
}

function promptOf({ prompt, reference, source }: Readonly<Record<string, unknown>>, file: string, line: number): Prompt {
  const where = `${file}:${line}`;
  if (typeof prompt !== 'string') throw promptsError(where, 'has no text "prompt"');
  const references = reference === undefined || reference === null ? [] : Array.isArray(reference) ? reference : [reference];
  if (!references.every((one) => typeof one === 'string')) throw promptsError(where, '"reference" is neither a text nor a list of texts');
  if (source !== undefined && source !== null && typeof source !== 'string') throw promptsError(where, '"source" is no text');
  return { prompt, references: references as string[], source: source ?? null };
}

export function promptsError(where: string, what: string, cause?: unknown): SoupError {
  return new SoupError('PromptsError', `${where} ${what}. A prompts file has one prompt a line (.txt), or one {"prompt": …, "reference": …, "source": …} (.jsonl).`, { cause });
}
