import { openCheckpoint } from '../checkpoint/checkpoint';
import { SoupError } from '../errors';

/** `model_type` of a control task's policy in its config.json. */
export const policyModelType = 'soup-mlp-policy';

/**
 * Looks whether a directory is a policy, by its config and headers; whether it fits the body, the training sees.
 * @throws PolicyMismatchError and what `openCheckpoint` throws
 */
export async function checkPolicy(directory: string): Promise<void> {
  const { config } = await openCheckpoint(directory);
  if (config?.['model_type'] !== policyModelType) throw policyMismatch(directory, config === null ? 'it has no config.json, which says what the model is' : `its config.json says model_type "${String(config['model_type'])}", a control task needs "${policyModelType}"`);
}

export function policyMismatch(directory: string, what: string): SoupError {
  return new SoupError('PolicyMismatchError', `${directory} does not fit: ${what}.`);
}
