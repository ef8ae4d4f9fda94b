import type { OpenBackend } from '../../backend/backend';
import type { LanguageEnsemble } from '../language-model';
import { EnsembleDecoder } from './generation/ensemble-decoder';
import type { CausalLanguageModel } from './model';
import { openExpert } from './open';
import type { CausalSoup } from './soup';

/**
 * Opens the experts of a soup (whole models, or adapters on the base) each as a model of its own, to average their
 * predictions: as many models in memory as experts.
 * @throws what `openLanguageModel` throws
 */
export async function openLanguageEnsemble(backend: OpenBackend, base: string, experts: readonly string[], soup: CausalSoup): Promise<LanguageEnsemble> {
  const models: CausalLanguageModel[] = [];
  for (const directory of experts) models.push(await openExpert(backend, base, directory));
  return {
    generate(weights, prompts, settings) {
      const members = models.flatMap(({ decoder }, index) => (weights[index]! > 0 ? [{ decoder, weight: weights[index]! }] : []));
      return soup.model.generateBy(new EnsembleDecoder(members, soup.model.decoder), prompts, settings);
    },
    dispose: () => models.forEach((model) => model.dispose()),
  };
}
