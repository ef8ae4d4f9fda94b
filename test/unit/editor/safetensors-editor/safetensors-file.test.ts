import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openFileSource, type ByteSource } from '../../../../src/checkpoint/byte-source';
import { encodeHeader } from '../../../../src/checkpoint/safetensors-header';
import { SafetensorsFile } from '../../../../src/editor/safetensors-editor/safetensors-file';

const everyDtype = path.join(__dirname, '../../../fixtures/safetensors/every-dtype.safetensors');
const directory = mkdtempSync(path.join(tmpdir(), 'editor-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** A source that notes how much is read of it. */
function counted(source: ByteSource): ByteSource & { bytesRead: number } {
  return { ...source, bytesRead: 0, read(position, length) { this.bytesRead += length; return source.read(position, length); } };
}

test('50 GB, nearly all of them a hole: only the header and what is looked at is read', async () => {
  const name = path.join(directory, 'large.safetensors');
  const rows = 6_250_000;
  const { bytes, header } = encodeHeader([{ name: 'small', dtype: 'F32', shape: [2], }, { name: 'embed', dtype: 'F32', shape: [rows, 2000] }], {}, name);
  const handle = openSync(name, 'w');
  writeSync(handle, bytes);
  ftruncateSync(handle, header.sizeBytes);
  writeSync(handle, new Uint8Array(Float32Array.of(0.1, -2.5).buffer), 0, 8, header.sizeBytes - 8);
  closeSync(handle);
  const source = counted(await openFileSource(name));
  const file = await SafetensorsFile.open(source, 'large.safetensors');
  expect(file.shown()).toMatchObject({ sizeBytes: header.sizeBytes, parameters: 2 + rows * 2000 });
  expect(await file.values('embed', '-1, -3:')).toEqual(['0', '0.1', '-2.5']);
  expect(source.bytesRead).toBe(bytes.byteLength + 3 * 4);
  await expect(file.values('embed', ':')).rejects.toMatchObject({ name: 'SliceTooLargeError' });
  await file.close();
});

test('the header as JSON is the header of the file', async () => {
  const file = await SafetensorsFile.open(await openFileSource(everyDtype), 'every-dtype.safetensors');
  const raw = readFileSync(everyDtype);
  expect(JSON.parse(file.headerJson())).toEqual(JSON.parse(raw.subarray(8, 8 + Number(raw.readBigUInt64LE())).toString()));
  await file.close();
});

test('values as JSON: nested as the slice, every digit, and text where JSON has no number', async () => {
  const wide = BigInt64Array.of(9007199254740993n, -1n);
  const name = path.join(directory, 'values.safetensors');
  const values = Float32Array.of(0.1, NaN, -0, 1, Infinity, -2.5);
  const { bytes } = encodeHeader([{ name: 'wide', dtype: 'I64', shape: [2] }, { name: 'x', dtype: 'F32', shape: [2, 3] }, { name: 'flag', dtype: 'BOOL', shape: [] }], {}, name);
  const handle = openSync(name, 'w');
  for (const part of [bytes, new Uint8Array(wide.buffer), new Uint8Array(values.buffer), Uint8Array.of(1)]) writeSync(handle, part);
  closeSync(handle);
  const file = await SafetensorsFile.open(await openFileSource(name), 'values.safetensors');
  expect(JSON.parse(await file.valuesJson('x', ':, 1:'))).toEqual({ tensor: 'x', dtype: 'F32', slice: ':, 1:', shape: [2, 2], values: [['NaN', -0], ['Infinity', -2.5]] });
  expect(await file.valuesJson('wide', ':')).toContain('"values":[9007199254740993,-1]');
  expect(JSON.parse(await file.valuesJson('flag', ''))).toMatchObject({ shape: [], values: true });
  await expect(file.values('y', '')).rejects.toMatchObject({ name: 'MissingTensorError' });
  await file.close();
});

