import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

/** What says most of a directory: a model's config, an adapter's, a tokenizer, where a soup comes from. */
const telling = ['soup.json', 'run.json', 'config.json', 'adapter_config.json', 'tokenizer.json', 'README.md'];

/** The file to show for a path: itself, or of a directory the file that says most of it; null where there is none. */
export async function definitionFile(location: string): Promise<string | null> {
  const entry = await stat(location).catch(() => null);
  if (!entry) return null;
  if (entry.isFile()) return location;
  const names = await readdir(location);
  const found = telling.find((name) => names.includes(name)) ?? names.sort().find((name) => /\.(json|safetensors|ya?ml|txt)$/.test(name));
  return found === undefined ? null : path.join(location, found);
}
