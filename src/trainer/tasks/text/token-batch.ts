import type { TokenBatch } from '../../models/language-model';

/** A prompt and what follows, as tokens. */
export interface TokenSequence {
  readonly prompt: Int32Array;
  readonly tokens: Int32Array;
}

/** Sequences as one batch, padded on the right; `scored` marks the tokens after the prompts. */
export interface ScoredBatch extends TokenBatch {
  /** 1 or 0, [batch, time] */
  readonly scored: Float32Array;
}

export function tokenBatch(sequences: readonly TokenSequence[]): ScoredBatch {
  const time = Math.max(1, ...sequences.map(({ prompt, tokens }) => prompt.length + tokens.length));
  const [tokens, attention] = [new Int32Array(sequences.length * time), new Int32Array(sequences.length * time)];
  const scored = new Float32Array(sequences.length * time);
  sequences.forEach((sequence, row) => {
    const length = sequence.prompt.length + sequence.tokens.length;
    tokens.set(sequence.prompt, row * time);
    tokens.set(sequence.tokens, row * time + sequence.prompt.length);
    attention.fill(1, row * time, row * time + length);
    // the first token of a row has no state before it
    scored.fill(1, row * time + Math.max(1, sequence.prompt.length), row * time + length);
  });
  return { batch: sequences.length, time, tokens, attention, scored };
}

/** Values of the tokens after the prompt, row by row, put where `tokenBatch` has these tokens: [batch, time]. */
export function alignedWith({ batch, time, scored }: ScoredBatch, values: readonly ArrayLike<number>[]): Float32Array {
  const aligned = new Float32Array(batch * time);
  for (let row = 0; row < batch; row++) {
    const own = values[row]!;
    let next = 0;
    for (let t = 0; t < time; t++) if (scored[row * time + t]) aligned[row * time + t] = own[next++]!;
  }
  return aligned;
}

/** The inverse: of [batch, time], the values of each row's tokens after the prompt. */
export function valuesOfRows({ batch, time, scored }: ScoredBatch, values: ArrayLike<number>): Float32Array[] {
  return Array.from({ length: batch }, (_, row) => {
    const own: number[] = [];
    for (let t = 0; t < time; t++) if (scored[row * time + t]) own.push(values[row * time + t]!);
    return Float32Array.from(own);
  });
}
