import { SoupError } from '../../../src/errors';
import { errorOfThread, threadError } from '../../../src/merge/thread-messages';

test('an error keeps its name, text and kind between threads', () => {
  const error = structuredClone(threadError(new SoupError('TruncatedFileError', 'a.safetensors ends early', { isInput: true })));
  expect(errorOfThread(error)).toMatchObject({ name: 'TruncatedFileError', message: 'a.safetensors ends early', isInput: true });
});

test('one without a name of its own is a failed merge', () => {
  expect(errorOfThread(structuredClone(threadError(new RangeError('out of memory'))))).toMatchObject({ name: 'MergeFailedError', message: 'out of memory', isInput: false });
});
