import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { SoupError } from '../../errors';

/** `organisation/model`, as models on the Hugging Face hub are called; a path that begins with a dot is none. */
const hubName = /^\w[\w.-]*\/[\w.-]+$/;

/**
 * Where a model of a configuration lies: its path against the configuration's directory, else against the working
 * directory, else the newest snapshot in the Hugging Face cache. `base+adapter` is looked up part by part.
 * @throws ModelNotFoundError
 */
export async function locateModel(reference: string, directory: string): Promise<string> {
  const parts = await Promise.all(reference.split('+').map((part) => locate(part, directory)));
  return parts.join('+');
}

async function locate(name: string, directory: string): Promise<string> {
  for (const candidate of [path.resolve(directory, name), path.resolve(name)]) if (await exists(candidate)) return candidate;
  const snapshot = await cachedSnapshot(name);
  if (snapshot) return snapshot;
  const fetched = hubName.test(name) ? `, or fetch it first (hf download ${name})` : '';
  throw new SoupError('ModelNotFoundError', `model ${name}: there is no such file or directory beside the configuration or here, nor in the Hugging Face cache — correct the path${fetched}`);
}

async function cachedSnapshot(name: string): Promise<string | null> {
  if (!hubName.test(name)) return null;
  const cache = process.env.HF_HUB_CACHE ?? path.join(process.env.HF_HOME ?? path.join(homedir(), '.cache/huggingface'), 'hub');
  const repository = path.join(cache, `models--${name.replace('/', '--')}`);
  const revision = await readFile(path.join(repository, 'refs/main'), 'utf8').catch(() => null);
  if (revision === null) return null;
  const snapshot = path.join(repository, 'snapshots', revision.trim());
  return (await exists(snapshot)) ? snapshot : null;
}

const exists = (file: string): Promise<boolean> => stat(file).then(() => true, () => false);
