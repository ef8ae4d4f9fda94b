import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { readHeader, readTensorBytes, writeSafetensors } from '../checkpoint/safetensors';
import { SoupError } from '../errors';
import type { Ppo } from './algorithms/ppo';
import { placeCheckpoint, tensorOf, writeSynced, type NumberArray, type Progress } from './checkpoint-directory';
import type { GaussianPolicy } from './models/policy';
import { writePolicy } from './models/policy-checkpoint';
import { RandomStream } from './random';
import type { Environments } from './tasks/task';

interface StateFile extends Progress {
  readonly observationCount: number;
  readonly returnCount: number;
  readonly random: { readonly action: number[]; readonly shuffle: number[]; readonly environments: number[][] };
}

const arraysFile = 'training-state.safetensors';
const stateFile = 'training-state.json';

/** The parts of a training whose state is saved. */
export interface Training {
  readonly ppo: Ppo;
  readonly policy: GaussianPolicy;
  readonly environments: Environments;
  readonly task: string;
}

/**
 * Writes `checkpoints/step-000120/`: the model, and everything else that the next step depends on (optimiser,
 * random streams, physics, statistics, unfinished episodes), so that a killed training ends bit for bit as an
 * uninterrupted one. The directory appears by a rename, complete or not at all; only the last and the best are kept.
 */
export async function saveCheckpoint(runDirectory: string, training: Training, progress: Progress, metadata: Readonly<Record<string, string>>): Promise<Progress> {
  return placeCheckpoint(runDirectory, progress, async (temporary, placed) => {
    await writePolicy(temporary, training.policy, training.task, metadata);
    await writeSafetensors(path.join(temporary, arraysFile), (await arraysOf(training)).map(({ name, values }) => tensorOf(name, values)), {});
    await writeSynced(path.join(temporary, stateFile), JSON.stringify({ ...placed, ...countersOf(training.ppo) } satisfies StateFile));
  });
}

/** Puts a saved training back into freshly made parts; the policy's tensors are read by the caller. */
export async function restoreCheckpoint(directory: string, { ppo, environments }: Pick<Training, 'ppo' | 'environments'>): Promise<Progress> {
  const state = JSON.parse(await readFile(path.join(directory, stateFile), 'utf8')) as StateFile;
  const file = path.join(directory, arraysFile);
  const header = await readHeader(file);
  const read = async (name: string): Promise<Uint8Array> => {
    if (!header.tensors.has(name)) throw new SoupError('ResumeError', `${file}: ${name} is missing, so the training cannot be resumed: delete the run's checkpoints directory to start over.`, { isInput: false });
    return readTensorBytes(file, header, name);
  };
  for (const { name, values } of mutableArrays(ppo)) {
    const bytes = await read(name);
    if (bytes.byteLength !== values.byteLength) throw new SoupError('ResumeError', `${file}: ${name} has ${bytes.byteLength} bytes, this training needs ${values.byteLength}: its settings were changed after the checkpoint. Delete the run directory to train anew.`, { isInput: false });
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength).set(bytes);
  }
  for (let i = 0; i < environments.count; i++) environments.restoreState(i, [...new Float64Array((await read(`environment.${i}`)).slice().buffer)]);
  ppo.step = state.step;
  const optimiser = [...header.tensors.keys()].filter((name) => name.startsWith('adam.'));
  ppo.adam.setState(await Promise.all(optimiser.map(async (name) => ({ name, values: new Float32Array((await read(name)).slice().buffer) }))));
  ppo.observationStatistics.count = state.observationCount;
  ppo.returnStatistics.count = state.returnCount;
  ppo.actionRandom = RandomStream.from(state.random.action);
  ppo.shuffleRandom = RandomStream.from(state.random.shuffle);
  ppo.environmentRandoms = state.random.environments.map((stream) => RandomStream.from(stream));
  ppo.uploadParameters();
  return { step: state.step, iteration: state.iteration, seconds: state.seconds, cpuSeconds: state.cpuSeconds ?? 0, score: state.score, rewards: state.rewards, best: state.best };
}

/** Arrays that are restored in place. */
function mutableArrays(ppo: Ppo): { name: string; values: NumberArray }[] {
  return [
    { name: 'observation.mean', values: ppo.observationStatistics.mean },
    { name: 'observation.squares', values: ppo.observationStatistics.squares },
    { name: 'return.mean', values: ppo.returnStatistics.mean },
    { name: 'return.squares', values: ppo.returnStatistics.squares },
    { name: 'discounted_returns', values: ppo.discountedReturns },
    { name: 'is_shortened', values: ppo.isShortened },
    { name: 'episode.sums', values: ppo.ledger.sums },
    { name: 'episode.steps', values: ppo.ledger.steps },
  ];
}

async function arraysOf({ ppo, environments }: Training): Promise<{ name: string; values: NumberArray }[]> {
  const physics = Array.from({ length: environments.count }, (_, i) => ({ name: `environment.${i}`, values: Float64Array.from(environments.saveState(i)) }));
  return [...mutableArrays(ppo), ...(await ppo.adam.getState()), ...physics];
}

function countersOf(ppo: Ppo): Omit<StateFile, keyof Progress> {
  return {
    observationCount: ppo.observationStatistics.count,
    returnCount: ppo.returnStatistics.count,
    random: { action: ppo.actionRandom.state(), shuffle: ppo.shuffleRandom.state(), environments: ppo.environmentRandoms.map((stream) => stream.state()) },
  };
}
