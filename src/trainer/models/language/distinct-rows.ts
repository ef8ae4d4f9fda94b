import type { TokenBatch } from '../language-model';

/** The tokens of a batch that have to be computed. */
export interface DistinctRows {
  /** where each was found first, an index into [batch · time], [rows] */
  readonly first: Int32Array;
  /** its position among the real tokens of its sequence, [rows] */
  readonly positions: Int32Array;
  /** the row of every token, [batch · time]; of padding any row */
  readonly rowOf: Int32Array;
}

/**
 * A causal model says the same of a token whenever the real tokens up to it are the same, so the samples of one prompt
 * share its rows, and padding has none.
 * @param sharesPrefixes false gives every real token a row of its own (dropout draws for each)
 */
export function distinctRows({ batch, time, tokens, attention }: TokenBatch, sharesPrefixes: boolean): DistinctRows {
  const rowOf = new Int32Array(batch * time);
  const [first, positions]: number[][] = [[], []];
  // the rows that follow a row, by token; what begins a sequence follows -1
  const next = new Map<number, Map<number, number>>();
  for (let b = 0; b < batch; b++) {
    let before = -1;
    let position = 0;
    for (let at = b * time; at < (b + 1) * time; at++) {
      if (!attention[at]) continue;
      const followers = next.get(before);
      let row = sharesPrefixes ? followers?.get(tokens[at]!) : undefined;
      if (row === undefined) {
        row = first.length;
        first.push(at);
        positions.push(position);
        if (followers) followers.set(tokens[at]!, row);
        else next.set(before, new Map([[tokens[at]!, row]]));
      }
      rowOf[at] = row;
      before = row;
      position++;
    }
  }
  // a batch of padding alone still has a row to point at
  if (first.length === 0) return { first: new Int32Array(1), positions: new Int32Array(1), rowOf };
  return { first: Int32Array.from(first), positions: Int32Array.from(positions), rowOf };
}
