import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Checkpoint } from '../../checkpoint/checkpoint';
import { torchName, type FloatDtype } from '../../checkpoint/dtype';

/** Names of the number of layers in a config.json. */
export const layerKeys = ['num_hidden_layers', 'n_layer', 'num_layers', 'n_layers'];

/** Lists that no layer has an entry of, however many entries there are. */
const notOfLayers = /^(architectures|pruned_heads|.*token_ids?)$/;

export interface ConfigChanges {
  /** the type of all float tensors of the output; null where they differ */
  readonly dtype: FloatDtype | null;
  /** which layer of which model each layer of the output starts from; null where all layers stay */
  readonly layers: readonly { readonly model: string; readonly layer: number }[] | null;
  /** rows of the embeddings, where the tokenizer changed them */
  readonly vocabularySize: number | null;
  /** the output has a head of its own although a model ties its head to its embeddings */
  readonly isUntied: boolean;
}

/**
 * config.json of the output: that of the base or the first model, with the number of layers, the type and the
 * vocabulary of what was written. Lists with one entry a layer (`layer_types`) follow the layers.
 * @param checkpoints by model, for lists of other models' layers
 */
export async function outputConfig(from: Checkpoint, checkpoints: ReadonlyMap<string, Checkpoint>, { dtype, layers, vocabularySize, isUntied }: ConfigChanges): Promise<string | null> {
  if (from.directory === null) return null;
  const text = await readFile(path.join(from.directory, 'config.json'), 'utf8').catch(() => null);
  if (text === null) return null;
  const config = JSON.parse(text) as Record<string, unknown>;
  const layerKey = layerKeys.find((key) => typeof config[key] === 'number');
  const ownCount = layerKey === undefined ? null : config[layerKey];
  if (layers && layerKey !== undefined) {
    for (const [key, value] of Object.entries(config)) {
      if (!Array.isArray(value) || value.length !== ownCount || notOfLayers.test(key)) continue;
      config[key] = layers.map(({ model, layer }) => {
        const theirs = checkpoints.get(model)?.config?.[key];
        return Array.isArray(theirs) ? (theirs[layer] as unknown) : (value[layer] as unknown);
      });
    }
    config[layerKey] = layers.length;
  }
  const dtypeKey = 'dtype' in config ? 'dtype' : 'torch_dtype';
  if (dtype !== null) config[dtypeKey] = torchName(dtype);
  if (vocabularySize !== null) vocabularyHolder(config).vocab_size = vocabularySize;
  if (isUntied) config.tie_word_embeddings = false;
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** config.json of a soup where it is not its companion's: the type that was asked for, the rows that adapters brought; null else. */
export async function soupConfig(companion: Checkpoint, { dtype, vocabularySize }: Pick<ConfigChanges, 'dtype' | 'vocabularySize'>): Promise<string | null> {
  const { kind, config } = companion;
  const isTypeNoted = config !== null && ('dtype' in config || 'torch_dtype' in config);
  if (kind === 'adapter' || (vocabularySize === null && !(isTypeNoted && dtype !== null))) return null;
  return outputConfig(companion, new Map(), { dtype: isTypeNoted ? dtype : null, layers: null, vocabularySize, isUntied: false });
}

/** Models of text and images have the size among the settings of the text. */
function vocabularyHolder(config: Record<string, unknown>): Record<string, unknown> {
  const text = config.text_config;
  return !('vocab_size' in config) && typeof text === 'object' && text !== null ? (text as Record<string, unknown>) : config;
}
