import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Checkpoint } from '../../checkpoint/checkpoint';
import { torchName, type FloatDtype } from '../../checkpoint/dtype';

/** Names of the number of layers in a config.json. */
export const layerKeys = ['num_hidden_layers', 'n_layer', 'num_layers', 'n_layers'];

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
      if (!Array.isArray(value) || value.length !== ownCount) continue;
      config[key] = layers.map(({ model, layer }) => {
        const theirs = checkpoints.get(model)?.config?.[key];
        return Array.isArray(theirs) ? (theirs[layer] as unknown) : (value[layer] as unknown);
      });
    }
    config[layerKey] = layers.length;
  }
  const dtypeKey = 'dtype' in config ? 'dtype' : 'torch_dtype';
  if (dtype !== null) config[dtypeKey] = torchName(dtype);
  if (vocabularySize !== null) config.vocab_size = vocabularySize;
  if (isUntied) config.tie_word_embeddings = false;
  return `${JSON.stringify(config, null, 2)}\n`;
}
