/** One line of a prompts file. */
export interface Prompt {
  readonly prompt: string;
  /** what the continuation is compared with; none where the file gives none */
  readonly references: readonly string[];
  /** the text that the continuation is about, for metrics of faithfulness; null where the file gives none */
  readonly source: string | null;
}

/** A generated continuation and what is known about it. */
export interface TextSample extends Prompt {
  /** the continuation, without special tokens */
  readonly text: string;
  /** tokens that were generated, the end of text included */
  readonly tokenCount: number;
  /** log π of each of those tokens in nats, at temperature 1 */
  readonly logProbabilities: ArrayLike<number>;
  /** the same under the shared initialisation θ₀ */
  readonly referenceLogProbabilities: ArrayLike<number>;
}

/** Measures samples, one number each. What is asynchronous is a model or a server. */
export type Measure = (samples: readonly TextSample[]) => Promise<ArrayLike<number>> | ArrayLike<number>;

/** A metric that this program computes by itself. */
export interface TextMetric {
  /** the field of a prompts file without which it means nothing */
  readonly needs?: 'reference' | 'source';
  /** @param corpus every prompt of the file, for metrics that weigh words by their rarity */
  open(corpus: readonly Prompt[]): (sample: TextSample) => number;
}

/** A metric of one sample alone. */
export function perSample(measure: (sample: TextSample) => number, needs?: TextMetric['needs']): TextMetric {
  return { needs, open: () => measure };
}
