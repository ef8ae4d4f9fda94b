import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { readHeader, readTensorBytes, writeSafetensors } from '../../../checkpoint/safetensors';
import { SoupError } from '../../../errors';
import type { LanguageAlgorithm } from '../../algorithms/language-training';
import type { FusedAdam } from '../../backend/fused-adam';
import { placeCheckpoint, tensorOf, writeSynced, type Progress } from '../../checkpoint-directory';
import type { LanguageModel } from '../../models/language-model';

const arraysFile = 'training-state.safetensors';
const stateFile = 'training-state.json';
const weightPrefix = 'weight.';

/** The parts of a training whose state is saved. Sampling and order follow from the seed and the step, so they have none. */
export interface LanguageTrainingState {
  readonly model: LanguageModel;
  readonly adam: FusedAdam;
  readonly algorithm: LanguageAlgorithm;
}

interface StateFile extends Progress {
  readonly algorithm: Readonly<Record<string, number>>;
}

/**
 * Writes a checkpoint: the model as a directory of its own, and the trained weights, the optimiser and the algorithm's
 * numbers, so that a killed training ends bit for bit as an uninterrupted one.
 * @throws SoupError DivergedError, with nothing written, when a weight is not finite
 */
export async function saveLanguageCheckpoint(runDirectory: string, { model, adam, algorithm }: LanguageTrainingState, progress: Progress, metadata: Readonly<Record<string, string>>): Promise<Progress> {
  const weights = await model.snapshot();
  const broken = weights.find(({ values }) => !values.every(Number.isFinite));
  if (broken) throw new SoupError('DivergedError', `Training diverged by iteration ${progress.step}: ${broken.name} holds a value that is not finite. The checkpoint before it is kept; lower train.learningRate (try a third of it), then train again.`, { isInput: false });
  return placeCheckpoint(runDirectory, progress, async (directory, placed) => {
    await model.save(directory, metadata);
    const arrays = [...weights.map(({ name, values }) => ({ name: `${weightPrefix}${name}`, values })), ...(await adam.getState())];
    await writeSafetensors(path.join(directory, arraysFile), arrays.map(({ name, values }) => tensorOf(name, values)), {});
    await writeSynced(path.join(directory, stateFile), JSON.stringify({ ...placed, algorithm: algorithm.state() } satisfies StateFile));
  });
}

/** Puts a saved training back into freshly made parts. @throws SoupError where it belongs to another model or optimiser */
export async function restoreLanguageCheckpoint(directory: string, { model, adam, algorithm }: LanguageTrainingState): Promise<Progress> {
  const { algorithm: state, ...progress } = JSON.parse(await readFile(path.join(directory, stateFile), 'utf8')) as StateFile;
  const file = path.join(directory, arraysFile);
  const header = await readHeader(file);
  const arrays = await Promise.all([...header.tensors.keys()].map(async (name) => ({ name, values: new Float32Array((await readTensorBytes(file, header, name)).slice().buffer) })));
  const isWeight = ({ name }: { readonly name: string }) => name.startsWith(weightPrefix);
  model.restore(arrays.filter(isWeight).map(({ name, values }) => ({ name: name.slice(weightPrefix.length), shape: [values.length], values })));
  adam.setState(arrays.filter((array) => !isWeight(array)));
  algorithm.restore(state);
  return progress;
}
