import type { BlendDraft } from '../../../../src/merge/blend-draft';
import type { ToBlendPanel } from '../../../../src/protocol/blend-panel';
import { recordedEditor } from '../recorded-editor';

jest.doMock('vscode', () => recordedEditor().vscode, { virtual: true });

test('what is stopped is not measured any more, and the page is told so, whatever the worker says afterwards', async () => {
  const { DraftForecasts } = await import('../../../../src/editor/blend-panel/draft-forecasts');
  const posted: ToBlendPanel[] = [];
  let progress = (_fraction: number): void => undefined;
  const measurer = {
    run: (_work: unknown, { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: typeof progress }) => {
      progress = onProgress;
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
    },
  };
  const forecasts = new DraftForecasts(null as never, measurer as never, null as never, null as never, (message) => posted.push(message));
  const inputs = ['a', 'b'].map((name) => ({ path: `/w/${name}`, name, description: '', isAdapter: false }));
  const measured = forecasts.measure({ setup: { inputs } } as never, { base: null } as BlendDraft);
  progress(0.5);
  forecasts.stopMeasuring();
  progress(0.75);
  await measured;
  const text = 'Measuring distances';
  expect(posted).toEqual([{ type: 'work', text, fraction: 0 }, { type: 'work', text, fraction: 0.5 }, { type: 'work', text: null, fraction: null }]);
});
