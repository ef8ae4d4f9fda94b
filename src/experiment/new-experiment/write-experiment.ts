import { Document, isMap, isScalar, isSeq, type Node } from 'yaml';
import { experimentSchema } from '../schema';
import { factsAt } from '../schema-at';
import type { Starter } from './starters';

/** What the experts start from. Paths are relative to the experiment file. */
export type Start =
  /** a base is trained from nothing */
  | { readonly from: 'scratch' }
  /** a checkpoint directory */
  | { readonly from: 'checkpoint'; readonly directory: string }
  /** a language model of random weights that learns a text first */
  | { readonly from: 'corpus'; readonly corpus: string; readonly tokenizer: string; readonly vocabularySize: number; readonly endOfText: number | null };

/** What a form has asked. */
export interface ExperimentDraft {
  readonly name: string;
  readonly starter: Starter;
  /** of text tasks: the file of prompts */
  readonly prompts: string | null;
  readonly start: Start;
  /** expressions by name */
  readonly rewards: Readonly<Record<string, string>>;
  /** of each expert's training */
  readonly steps: number;
}

const commentWidth = 116;

/** The experiment file of a draft: what was asked and what is worth changing, every key under its description. */
export function writeExperiment(draft: ExperimentDraft): string {
  const file = valuesOf(draft);
  const document = new Document(file);
  comment(document.contents, [], file);
  document.commentBefore = ` ${draft.name}: one base, one expert a reward, and the soups between them.\n Run all above the first line, or soup run on this file, trains, sweeps over λ, checks and reports.`;
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

function valuesOf({ name, starter, prompts, start, rewards, steps }: ExperimentDraft): Record<string, unknown> {
  const { base, task } = startOf(start, starter, steps);
  return {
    name,
    seed: 0,
    backend: 'auto',
    task: { type: starter.task, ...task, ...(prompts === null ? {} : { prompts }), ...starter.settings },
    rewards,
    ...(base ? { base } : {}),
    train: { steps, ...starter.train },
    sweep: { grid: 11, samples: starter.task === 'text' ? 200 : 64 },
  };
}

/** Keys of `base` and of `task` that say what the experts start from. */
function startOf(start: Start, starter: Starter, steps: number): { readonly base?: object; readonly task?: object } {
  switch (start.from) {
    case 'scratch': return { base: { steps: 2 * steps, ...starter.base } };
    case 'checkpoint': return starter.task === 'text' ? { task: { model: start.directory } } : { base: { checkpoint: start.directory } };
    case 'corpus': return {
      task: { model: { create: smallModel(start), tokenizer: start.tokenizer } },
      base: { algorithm: 'sft', data: start.corpus, steps: 1000, batch: 32, learningRate: 3e-3, lora: null },
    };
  }
}

/** A LLaMA of a few million parameters, which trains on a laptop. */
function smallModel({ vocabularySize, endOfText }: Extract<Start, { readonly from: 'corpus' }>): object {
  return {
    model_type: 'llama',
    architectures: ['LlamaForCausalLM'],
    vocab_size: vocabularySize,
    hidden_size: 128,
    intermediate_size: 352,
    num_hidden_layers: 4,
    num_attention_heads: 4,
    num_key_value_heads: 4,
    max_position_embeddings: 256,
    rms_norm_eps: 1e-5,
    rope_theta: 10_000,
    hidden_act: 'silu',
    tie_word_embeddings: true,
    initializer_range: 0.02,
    ...(endOfText === null ? {} : { eos_token_id: endOfText }),
  };
}

/** Puts above every key what the schema says of it; keys that users name have nothing to be said. */
function comment(node: Node | null, path: readonly string[], file: unknown): void {
  if (!isMap(node)) return;
  for (const { key, value } of node.items) {
    if (!isScalar(key)) continue;
    const own = [...path, String(key.value)];
    const facts = factsAt({ schema: experimentSchema, value: file }, own);
    if (facts?.description && path[0] !== 'rewards') key.commentBefore = wrapped(sentence(facts.description, facts.default));
    if (path.length === 0 && key !== node.items[0]!.key) key.spaceBefore = true;
    if (isSeq(value) || (isMap(value) && own.at(-1) === 'lora')) value.flow = true;
    else comment(value as Node | null, own, file);
  }
}

function sentence(description: string, value: unknown): string {
  return value === undefined || typeof value === 'object' ? description : `${description} Default: ${String(value)}.`;
}

/** Lines of a comment, each with the blank that follows the #. */
function wrapped(text: string): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    if (lines.at(-1)!.length + word.length + 1 > commentWidth) lines.push('');
    lines[lines.length - 1] += ` ${word}`;
  }
  return lines.join('\n');
}
