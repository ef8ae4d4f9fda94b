import type { TensorSource } from '../sources/source';
import { tokenizerProblem } from '../errors';
import type { TokenizerPlan } from './plan-tokenizer';
import { assignRows } from './token-rows';

const vocabularyNames = /(^|\.)(embed_tokens|word_embeddings|tok_embeddings|wte|embed_in|embed_out|lm_head|shared|embeddings)\.(weight|bias)$/;

/** Whether a tensor has a row for every token: embeddings and output heads, by the names that architectures give them. */
export function isVocabularyTensor(name: string): boolean {
  return vocabularyNames.test(name);
}

/** Rows of a model's embeddings; null where no tensor looks like one. */
export function vocabularyRows(tensors: Iterable<{ readonly name: string; readonly shape: readonly number[] }>): number | null {
  for (const { name, shape } of tensors) if (isVocabularyTensor(name)) return shape[0] ?? null;
  return null;
}

/** One input's tensor: its shape, [tokens, …], and where it lies. */
export interface VocabularyInput {
  readonly shape: readonly number[];
  readonly source: TensorSource;
}

/**
 * One tensor of every input with the rows in the order of the output's tokens: sources of shape [rowCount, …].
 * @param tensors by index of the plan's inputs; null where the input has no such tensor
 * @throws TokenizerError where a tensor is computed or has other columns than the first
 */
export function vocabularySources(plan: TokenizerPlan, name: string, tensors: readonly (VocabularyInput | null)[]): (TensorSource | null)[] {
  const present = tensors.flatMap((tensor, input) => (tensor ? [{ input, tensor }] : []));
  const width = (shape: readonly number[]) => shape.slice(1).reduce((product, length) => product * length, 1);
  const [{ tensor: first }] = present;
  const stored = present.map(({ input, tensor: { shape, source } }) => {
    const where = plan.inputs[input].name;
    if (source.kind !== 'stored') throw tokenizerProblem(where, `computes ${name} from an adapter, whose rows cannot be put in another order — merge the adapter into its base first`);
    if (shape.slice(1).join() !== first.shape.slice(1).join()) throw tokenizerProblem(where, `has [${shape.join(', ')}] for ${name}, and ${plan.inputs[present[0].input].name} has [${first.shape.join(', ')}]: the columns differ — merge models of one size`);
    return source;
  });
  const vocabularies = present.map(({ input, tensor: { shape } }) => ({ ...plan.inputs[input], rows: shape[0] }));
  const basePlace = present.findIndex(({ input }) => input === plan.base);
  const rules = placedRules(plan, name, present.map(({ input }) => input));
  const { rows, means } = assignRows(plan.vocabulary, plan.rowCount, vocabularies, basePlace < 0 ? null : basePlace, rules);
  const sources: (TensorSource | null)[] = tensors.map(() => null);
  for (const [own, { input }] of present.entries()) {
    // in its own order already: the bytes as they lie
    const isUnchanged = rows[own].length === vocabularies[own].rows && rows[own].every((row, id) => row === id);
    sources[input] = isUnchanged ? stored[own] : { kind: 'vocabulary', dtype: 'F32', own, stored, rowLength: width(first.shape), rows: rows[own], means };
  }
  return sources;
}

/** The rules with inputs numbered among those that have the tensor. */
function placedRules({ rules, inputs }: TokenizerPlan, name: string, present: readonly number[]): TokenizerPlan['rules'] {
  return new Map([...rules].map(([token, rule]) => {
    if (!rule.origin || rule.origin.kind === 'zero') return [token, rule];
    const input = present.indexOf(rule.origin.input);
    if (input < 0) throw tokenizerProblem(inputs[rule.origin.input].name, `has no ${name}, and the token ${JSON.stringify(token)} shall get its row — name another source`);
    return [token, { ...rule, origin: { ...rule.origin, input } }];
  }));
}
