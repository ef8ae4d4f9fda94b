import type { Checkpoint } from './checkpoint';

const heads: readonly string[] = ['lm_head.weight', 'embed_out.weight', 'output.weight'];

/** Whether a tensor is the head of a model, where it has one of its own. */
export function isHead(tensor: string): boolean {
  return heads.includes(tensor);
}

/** Whether a tensor is a model's embeddings of tokens. */
export function isEmbeddings(tensor: string): boolean {
  return /(^|\.)(embed_tokens|word_embeddings|wte|embed_in|tok_embeddings)\.weight$/.test(tensor);
}

/**
 * A checkpoint without a copy of its embeddings saved as the head: where its config ties them, the embeddings are what
 * counts when it is loaded, and a second copy could only contradict them. Others are returned as they are.
 */
export function withoutTiedHead(checkpoint: Checkpoint): Checkpoint {
  const { config, tensors } = checkpoint;
  const head = heads.find((name) => tensors.has(name));
  const hasEmbeddings = [...tensors.keys()].some(isEmbeddings);
  if (config?.tie_word_embeddings !== true || head === undefined || !hasEmbeddings) return checkpoint;
  return { ...checkpoint, tensors: new Map([...tensors].filter(([name]) => name !== head)) };
}
