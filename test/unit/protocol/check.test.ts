import { readFromSafetensorsEditor, readToSafetensorsEditor } from '../../../src/protocol/safetensors-editor';

test('messages as the protocol has them pass, with fields that it does not know', () => {
  expect(readFromSafetensorsEditor({ type: 'values', id: 3, tensor: 'a', slice: '0:2', extra: 1 })).toMatchObject({ id: 3, slice: '0:2' });
  const file = { name: 'a', sizeBytes: 100, headerBytes: 92, parameters: 2, metadata: [['k', 'v']], tensors: [{ name: 't', dtype: 'F32', shape: [2], begin: 0, end: 8 }] };
  expect(readToSafetensorsEditor({ type: 'file', file })).toEqual({ type: 'file', file });
});

test.each<[unknown]>([
  [null], ['ready'], [[]], [{}], [{ type: 'unknown' }], [{ type: 'toString' }], [{ type: '__proto__' }],
  [{ type: 'values', id: 3, tensor: 'a' }], [{ type: 'values', id: -1, tensor: 'a', slice: '' }], [{ type: 'values', id: 1.5, tensor: 'a', slice: '' }], [{ type: 'export', tensor: ['a'], slice: '' }],
])('%j is dropped', (message) => {
  expect(readFromSafetensorsEditor(message)).toBeNull();
});

test('a wrong part deep in a message drops all of it', () => {
  expect(readToSafetensorsEditor({ type: 'file', file: { name: 'a', sizeBytes: 1, headerBytes: 1, parameters: 0, metadata: [], tensors: [{ name: 't', dtype: 'F32', shape: ['2'], begin: 0, end: 8 }] } })).toBeNull();
  expect(readToSafetensorsEditor({ type: 'values', id: 1, texts: [1] })).toBeNull();
});
