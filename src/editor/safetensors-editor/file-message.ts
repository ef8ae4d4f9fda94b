import { jsonWith } from '../panels/message-queue';
import type { FileReference, Reader } from '../reader/work';

/** What the page of a safetensors file shows first, as the JSON of a message. @throws SoupError naming what is damaged */
export async function fileMessage(file: FileReference, reader: Reader): Promise<string> {
  const { head, tensorsJson } = await reader.run({ kind: 'file' as const, file });
  return jsonWith({ type: 'file' }, 'file', jsonWith(head, 'tensors', tensorsJson));
}
