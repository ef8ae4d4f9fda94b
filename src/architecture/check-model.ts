import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { openCheckpoint, type Checkpoint } from '../checkpoint/checkpoint';
import { adapterFactors } from './adapter-factors';
import { describeArchitecture, type Architecture } from './architecture';
import { missingChatTemplate, missingTokenizer, unsupportedModel } from './errors';
import { weightTensors } from './weight-tensors';

/**
 * The architecture of a model's checkpoint, by its config.
 * @throws UnsupportedModelError, InvalidModelConfigError
 */
export function architectureOf({ path: directory, kind, config }: Checkpoint): Architecture {
  if (kind === 'adapter') throw unsupportedModel(directory, 'an adapter without its base', 'open the base model, and this as its adapter');
  if (!config) throw unsupportedModel(directory, 'a checkpoint without config.json', 'open the whole directory of the model');
  return describeArchitecture(path.join(directory, 'config.json'), config);
}

/**
 * Looks whether a directory is a whole language model that can be opened here; of its weights it reads headers alone.
 * @throws UnsupportedModelError, InvalidModelConfigError, WeightMismatchError, MissingTokenizerError and what `openCheckpoint` throws
 */
export async function checkModel(directory: string): Promise<Architecture> {
  const checkpoint = await openCheckpoint(directory);
  const architecture = architectureOf(checkpoint);
  await checkTokenizer(directory);
  weightTensors(checkpoint, architecture);
  return architecture;
}

/** @throws MissingTokenizerError */
export async function checkTokenizer(directory: string): Promise<void> {
  if (!(await isFile(path.join(directory, 'tokenizer.json')))) throw missingTokenizer(directory);
}

/** @throws MissingChatTemplateError */
export async function checkChatTemplate(directory: string): Promise<void> {
  if (await isFile(path.join(directory, 'chat_template.jinja'))) return;
  const settings = await readFile(path.join(directory, 'tokenizer_config.json'), 'utf8').catch(() => '');
  if (!/"chat_template"\s*:\s*["[]/.test(settings)) throw missingChatTemplate(directory);
}

/**
 * Looks whether an expert, a whole model or an adapter, fits its base, by configs and headers.
 * @throws WeightMismatchError, AdapterMismatchError, UnsupportedAdapterError
 */
export function checkExpert(expert: Checkpoint, base: Architecture): void {
  if (expert.kind === 'adapter') adapterFactors(expert, base);
  else weightTensors(expert, base);
}

const isFile = (file: string): Promise<boolean> => stat(file).then((stats) => stats.isFile(), () => false);
