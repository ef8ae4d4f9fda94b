import type { TextSettings } from '../../experiment/algorithms/registry';
import { openGrpo } from './grpo';
import type { LanguageAlgorithm, LanguageParts } from './language-training';
import { openPpoKl } from './ppo-kl';
import { openRloo } from './rloo';
import { openSft } from './sft';

type Settings<A extends TextSettings['algorithm']> = Extract<TextSettings, { algorithm: A }>;

interface Opener<S extends TextSettings> {
  readonly open: (parts: LanguageParts<S>) => LanguageAlgorithm | Promise<LanguageAlgorithm>;
  /** whether the model needs a value head */
  readonly hasValueHead: boolean;
}

/** One line an algorithm; its settings stand in `src/experiment/algorithms`. */
export const languageAlgorithms: { readonly [A in TextSettings['algorithm']]: Opener<Settings<A>> } = {
  'ppo-kl': { open: openPpoKl, hasValueHead: true },
  rloo: { open: openRloo, hasValueHead: false },
  grpo: { open: openGrpo, hasValueHead: false },
  sft: { open: openSft, hasValueHead: false },
};

export function openAlgorithm<S extends TextSettings>(parts: LanguageParts<S>): LanguageAlgorithm | Promise<LanguageAlgorithm> {
  return (languageAlgorithms[parts.settings.algorithm] as unknown as Opener<S>).open(parts);
}
