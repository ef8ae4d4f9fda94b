import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { policyMismatch, policyModelType } from '../../architecture/policy';
import { fromFloat32, readHeader, readTensorBytes, toFloat32, writeSafetensors } from '../../checkpoint/safetensors';
import { SoupError } from '../../errors';
import { GaussianPolicy, type PolicyShape } from './policy';

/** `config.json` of a policy checkpoint: enough to build the model without the run that made it. */
export interface PolicyConfig {
  readonly model_type: typeof policyModelType;
  readonly observation_size: number;
  readonly action_size: number;
  readonly hidden_sizes: readonly number[];
  readonly activation: 'tanh';
  readonly task: string;
}

/** Writes `model.safetensors` (float32) and `config.json` into a directory, each atomically. */
export async function writePolicy(directory: string, policy: GaussianPolicy, task: string, metadata: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(directory, { recursive: true });
  const config: PolicyConfig = {
    model_type: policyModelType,
    observation_size: policy.shape.observationSize,
    action_size: policy.shape.actionSize,
    hidden_sizes: policy.shape.hidden,
    activation: 'tanh',
    task,
  };
  await writeFileAtomic(path.join(directory, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
  const tensors = policy.tensors.map(({ name, shape, values }) => ({ name, dtype: 'F32' as const, shape, data: fromFloat32(values, 'F32') }));
  await writeSafetensors(path.join(directory, 'model.safetensors'), tensors, { format: 'pt', ...metadata });
}

/**
 * Reads a policy checkpoint directory.
 * @param expected the task's sizes, which the checkpoint must have
 * @throws PolicyMismatchError when a tensor is missing, superfluous or of another shape: nothing is loaded by halves
 */
export async function readPolicy(directory: string, expected: { readonly task: string; readonly observationSize: number; readonly actionSize: number }): Promise<GaussianPolicy> {
  const config = await readConfig(directory);
  const shape: PolicyShape = { observationSize: config.observation_size, actionSize: config.action_size, hidden: config.hidden_sizes };
  if (shape.observationSize !== expected.observationSize || shape.actionSize !== expected.actionSize) {
    throw policyMismatch(directory, `it maps ${shape.observationSize} observations to ${shape.actionSize} actions, but ${expected.task} has ${expected.observationSize} and ${expected.actionSize}: use a checkpoint that was trained on this task`);
  }
  const policy = new GaussianPolicy(shape);
  const file = path.join(directory, 'model.safetensors');
  const header = await readHeader(file);
  const surplus = [...header.tensors.keys()].filter((name) => !policy.tensors.some((tensor) => tensor.name === name));
  if (surplus.length > 0) throw policyMismatch(directory, `it has tensors that this policy does not know: ${surplus.join(', ')}`);
  for (const tensor of policy.tensors) {
    const info = header.tensors.get(tensor.name);
    if (!info || info.shape.join() !== tensor.shape.join()) throw policyMismatch(directory, `${tensor.name}: expected [${tensor.shape.join(', ')}], got ${info ? `[${info.shape.join(', ')}]` : 'nothing'}`);
    tensor.values.set(toFloat32(await readTensorBytes(file, header, info), info.dtype));
  }
  return policy;
}

/** SHA-256 of a checkpoint's `model.safetensors`, in hex: how experts name the base they started from. */
export async function modelSha256(directory: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path.join(directory, 'model.safetensors'))) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

async function readConfig(directory: string): Promise<PolicyConfig> {
  const file = path.join(directory, 'config.json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new SoupError('MissingCheckpointError', `${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}. Train this checkpoint first, or name a directory with config.json and model.safetensors.`, { cause });
  }
  const config = JSON.parse(text) as PolicyConfig;
  if (config.model_type !== policyModelType) throw policyMismatch(directory, `its config.json says model_type "${String(config.model_type)}", a control task needs "${policyModelType}"`);
  return config;
}
