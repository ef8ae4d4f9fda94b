import type { DeclaredMetric } from '../../../experiment/declared-metrics';
import type { OpenBackend } from '../../backend/backend';
import { openLanguageModel } from '../../models/language/open';
import { tokenBatch } from '../../tasks/text/token-batch';
import type { Measure } from '../metric';

const batch = 8;

/**
 * exp(mean −log p) of the continuation's tokens after its prompt, under another language model and by its tokens; 1
 * for an empty one.
 */
export async function perplexityMetric(_name: string, { model: directory }: Extract<DeclaredMetric, { type: 'perplexity' }>, backend: OpenBackend): Promise<Measure> {
  const model = await openLanguageModel(backend, directory);
  return async (samples) => {
    const values: number[] = [];
    for (let start = 0; start < samples.length; start += batch) {
      const sequences = samples.slice(start, start + batch).map(({ prompt, text }) => ({ prompt: model.tokenizer.encode(prompt), tokens: model.tokenizer.encode(text, { addSpecialTokens: false }) }));
      const rows = tokenBatch(sequences);
      const logProbabilities = backend.tf.tidy(() => model.score(rows, rows.scored).logProbabilities);
      const sums = await backend.tf.tidy(() => backend.tf.sum(logProbabilities, 1)).data();
      logProbabilities.dispose();
      sequences.forEach(({ tokens }, row) => values.push(Math.exp(-sums[row]! / Math.max(1, tokens.length))));
    }
    return values;
  };
}
