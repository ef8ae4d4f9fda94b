import { tokenizerProblem } from '../errors';

/** Where a token's embedding comes from where it is not the input's own; mergekit's `tokenizer.tokens`. */
export type TokenOrigin =
  | { readonly kind: 'zero' }
  | { readonly kind: 'model'; readonly input: number }
  | { readonly kind: 'model_token'; readonly input: number; readonly token: string }
  | { readonly kind: 'model_token'; readonly input: number; readonly id: number };

export interface TokenRule {
  /** null leaves the origin to the usual order */
  readonly origin: TokenOrigin | null;
  /** in inputs that have the token, too */
  readonly force: boolean;
}

/** What the assignment of rows needs to know of an input. */
export interface InputVocabulary {
  readonly name: string;
  readonly vocabulary: ReadonlyMap<string, number>;
  /** rows of its embeddings; ids at or above have none */
  readonly rows: number;
}

/** A row of an input. */
export interface RowReference {
  readonly input: number;
  readonly row: number;
}

/** Rows for tokens that an input lacks: their mean; zeros where there are none. */
export type RowMean = readonly RowReference[];

/** Rows of every input of one tensor, in the order of the output's ids. */
export interface RowAssignment {
  /** [inputs][ids]: the input's own row where ≥ 0; `−1 − k` is `means[k]`; `padding` beyond the vocabulary */
  readonly rows: readonly Int32Array[];
  readonly means: readonly RowMean[];
}

/** The mean of all rows of the vocabulary, for rows that only round its size up (as mergekit pads). */
export const padding = -(2 ** 31);

/**
 * Which row of which input every token of the output gets, as mergekit assigns them: an input's own row where it has
 * the token; else the only other input's that has it, else the base's, else the mean of those that have it.
 * @param inputs those that have the tensor, in their order
 * @param base index of the base in `inputs`, or null
 * @throws TokenizerError when a rule names a token that its model lacks
 */
export function assignRows(output: ReadonlyMap<string, number>, rowCount: number, inputs: readonly InputVocabulary[], base: number | null, rules: ReadonlyMap<string, TokenRule>): RowAssignment {
  const rows = inputs.map(() => new Int32Array(rowCount).fill(padding));
  const means: RowMean[] = [];
  const ownRow = ({ vocabulary, rows: limit }: InputVocabulary, token: string): number => {
    const id = vocabulary.get(token) ?? -1;
    return id < limit ? id : -1;
  };
  for (const [token, id] of output) {
    const own = inputs.map((input) => ownRow(input, token));
    const rule = rules.get(token);
    const isForced = rule?.force ?? false;
    if (!isForced && own.every((row) => row >= 0)) {
      for (const [i, row] of own.entries()) rows[i][id] = row;
      continue;
    }
    const mean = rule?.origin ? ruled(token, rule.origin, inputs, own) : usual(own, base);
    const reference = -1 - (means.push(mean) - 1);
    for (const [i, row] of own.entries()) rows[i][id] = row >= 0 && !isForced ? row : reference;
  }
  return { rows, means };
}

function usual(own: readonly number[], base: number | null): RowMean {
  const having = own.flatMap((row, input): RowReference[] => (row >= 0 ? [{ input, row }] : []));
  return having.find(({ input }) => input === base) ? having.filter(({ input }) => input === base) : having;
}

function ruled(token: string, origin: TokenOrigin, inputs: readonly InputVocabulary[], own: readonly number[]): RowMean {
  if (origin.kind === 'zero') return [];
  const { name, vocabulary, rows } = inputs[origin.input];
  const row = origin.kind === 'model' ? own[origin.input] : 'id' in origin ? origin.id : (vocabulary.get(origin.token) ?? -1);
  if (row >= 0 && row < rows) return [{ input: origin.input, row }];
  const wanted = origin.kind === 'model' ? JSON.stringify(token) : 'id' in origin ? `id ${origin.id}` : JSON.stringify(origin.token);
  throw tokenizerProblem(name, `has no embedding for ${wanted}, which the token ${JSON.stringify(token)} shall get — name another source`);
}
