import { stat } from 'node:fs/promises';
import { openFileSource } from '../../checkpoint/byte-source';
import type { SafetensorsHeader } from '../../checkpoint/safetensors-header';
import { SafetensorsFile } from '../safetensors-editor/safetensors-file';
import type { FileReference } from './work';

/** files whose headers are kept: each may be a hundred megabytes */
const keptCount = 4;
/** by path, the one used last at the end */
const headers = new Map<string, { readonly stamp: string; readonly header: SafetensorsHeader }>();

/**
 * Does something with a safetensors file, which is open for as long as that takes; its header is parsed again only when
 * the file has changed.
 * @throws SoupError naming what is damaged, and what `use` throws
 */
export async function withFile<T>({ path: at, name }: FileReference, use: (file: SafetensorsFile) => Promise<T> | T): Promise<T> {
  const source = await openFileSource(at);
  try {
    const { mtimeMs, size, ino } = await stat(at);
    const stamp = `${mtimeMs}:${size}:${ino}`;
    const known = headers.get(at);
    headers.delete(at);
    const file = await SafetensorsFile.open(source, name, known?.stamp === stamp ? known.header : null);
    headers.set(at, { stamp, header: file.header });
    if (headers.size > keptCount) headers.delete(headers.keys().next().value!);
    return await use(file);
  } finally {
    await source.close();
  }
}
