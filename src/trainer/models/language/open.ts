import type { OpenBackend } from '../../backend/backend';
import type { LanguageModel, LanguageSoup, Trainable } from '../language-model';

export interface OpenOptions {
  /** default none */
  readonly trainable?: Trainable;
  /** a PEFT adapter to start from (trained further where trainable is `adapter`, else merged in) */
  readonly adapter?: string;
  /** adds a linear value head on the last hidden state, zero at first; default false */
  readonly hasValueHead?: boolean;
  /** of a new adapter's A; default 0 */
  readonly seed?: number;
}

/** What `create` makes a model from: the keys that transformers' config.json has, and the seed of its weights. */
export interface CreateOptions {
  readonly config: Readonly<Record<string, unknown>>;
  /** tokenizer files are taken from here, and saved with the model */
  readonly tokenizerDirectory: string;
  readonly seed: number;
  readonly hasValueHead?: boolean;
}

/** The ways to a model, as `openLanguageModel`, `createLanguageModel` and `openLanguageSoup` offer them. */
export interface LanguageModels {
  open(backend: OpenBackend, directory: string, options?: OpenOptions): Promise<LanguageModel>;
  /** seeded initialisation as transformers': normal of `initializer_range`; all weights are trainable */
  create(backend: OpenBackend, options: CreateOptions): Promise<LanguageModel>;
  soup(backend: OpenBackend, base: string, experts: readonly string[], space: 'delta' | 'factor'): Promise<LanguageSoup>;
}
