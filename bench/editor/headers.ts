import { open } from 'node:fs/promises';
import path from 'node:path';
import { fromFloat32, writeSafetensors } from '../../src/checkpoint/safetensors';
import { shownAnswer } from '../../src/editor/inspector/answer';
import { Inspection } from '../../src/editor/inspector/inspection';
import { headerSnapshot } from '../../src/editor/inspector/inspector-snapshot';
import { MessageQueue } from '../../src/editor/panels/message-queue';
import { fileMessage } from '../../src/editor/safetensors-editor/file-message';
import { copies, threadsOf, type Surface } from './rows';

/** The viewer and the inspector on a header of many tensors, a comparison of two such checkpoints, and the viewer on a large file. */
export const timeHeaders: Surface = async (rows, directory, settings) => {
  const { reader, measurer } = threadsOf(settings);
  const [one, other] = ['one', 'other'].map((name) => path.join(directory, `${name}.safetensors`)) as [string, string];
  for (const [file, value] of [[one, 0.5], [other, 0.25]] as const) {
    const data = fromFloat32(Float32Array.of(value, 1), 'F32');
    await writeSafetensors(file, Array.from({ length: settings.tensors }, (_, index) => ({ name: `model.layers.${index}.self_attn.q_proj.lora_A.weight`, dtype: 'F32', shape: [2], data })));
  }
  const queue = new MessageQueue((message) => void rows.post(message));
  await rows.time(`safetensors viewer: header of ${settings.tensors} tensors`, async () => queue.send(await fileMessage({ path: one, name: 'one' }, reader)));
  const { origin, summary } = await rows.time(`inspector: header of ${settings.tensors} tensors`, async () => {
    const { message, ...known } = await headerSnapshot(one, reader, copies);
    await queue.send(message);
    return known;
  });
  await rows.time(`inspector: comparison of ${settings.tensors} tensors`, async () => {
    let sent = Promise.resolve();
    await new Inspection(origin, summary, async () => [], measurer, (answer) => (sent = queue.send(shownAnswer(answer, copies)))).compareWith(other);
    await sent;
  });
  const large = path.join(directory, 'large.safetensors');
  const last = await writeSparse(large, settings.gigabytes);
  await rows.time(`safetensors viewer: file of ${settings.gigabytes} GB`, async () => queue.send(await fileMessage({ path: large, name: 'large' }, reader)));
  await rows.time(`safetensors viewer: a thousand values at its end`, async () => rows.post(await reader.run({ kind: 'values' as const, file: { path: large, name: 'large' }, ...last })));
};

/** 64 matrices that take no room on the disk; returns a slice of the last one. */
async function writeSparse(file: string, gigabytes: number): Promise<{ readonly tensor: string; readonly slice: string }> {
  const rows = Math.round((gigabytes * 1e9) / (2 * 4096 * 64));
  const bytes = rows * 4096 * 2;
  const header = Object.fromEntries(Array.from({ length: 64 }, (_, i) => [`model.layers.${i}.weight`, { dtype: 'BF16', shape: [rows, 4096], data_offsets: [i * bytes, (i + 1) * bytes] }]));
  const text = Buffer.from(JSON.stringify(header));
  const handle = await open(file, 'w');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  await handle.write(Buffer.concat([length, text]));
  await handle.truncate(8 + text.length + 64 * bytes);
  await handle.close();
  return { tensor: 'model.layers.63.weight', slice: `${rows - 50}:${rows}, 0:20` };
}
