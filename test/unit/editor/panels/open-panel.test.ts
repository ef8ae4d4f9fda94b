import { mkdtemp, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { spiderPoints } from '../../../../src/editor/panels/analysis-worker/spider-map';
import { measuredPoints } from '../../../../src/editor/panels/results-reader';
import { wholeMessages } from '../../../../src/protocol/pieces';
import { LocalCopies } from '../../../../src/editor/virtual-files/local-copies';
import { recordedEditor } from '../recorded-editor';

jest.doMock('vscode', () => recordedEditor().vscode, { virtual: true });

beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] }));
afterEach(() => jest.useRealTimers());

const resultsOf = (...soups: readonly string[]) => ['kind,name,w:x,w:y,r:a,r:b', 'expert,x,1,0,2,0', 'expert,y,0,1,0,2', ...soups].join('\n');

/** Lets the files be read and the timers run until something is so. */
async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1000 && !isSo(); turn++) {
    await jest.advanceTimersByTimeAsync(50);
    await new Promise(setImmediate);
  }
  expect(isSo()).toBe(true);
}

/** A spider map on results that change, in a page that answers each message as it is told. */
async function openPanel(answers: readonly Promise<boolean>[], soups = ['soup,s,0.5,0.5,1.5,1.5']) {
  const { OpenPanel } = await import('../../../../src/editor/panels/open-panel');
  const file = path.join(await mkdtemp(path.join(os.tmpdir(), 'panel-')), 'results.csv');
  await writeFile(file, resultsOf(...soups));
  const posted: unknown[] = [];
  const warnings: string[] = [];
  let receive = (_message: unknown): void => undefined;
  let change = (): void => undefined;
  const nothing = { dispose: () => undefined };
  const copies = new LocalCopies({} as never, { file: (at: string) => at } as never); // everything here is on the disk
  const panel = {
    title: 'Spider Map', visible: true, onDidChangeViewState: () => nothing,
    webview: { onDidReceiveMessage: (listener: typeof receive) => ((receive = listener), nothing), postMessage: (message: object) => answers[posted.push(message) - 1] ?? Promise.resolve(true) },
  };
  const runs = { metrics: null, onDidChange: (listener: typeof change) => ((change = listener), nothing) };
  // what the worker does, in this thread
  const analyst = { run: async ({ results }: { readonly results: string }) => JSON.stringify(spiderPoints(await measuredPoints(results))) };
  const opened = new OpenPanel(panel as never, 'spider-map', file, runs as never, { analyst, longAnalyst: analyst } as never, null as never, copies, null as never, { warn: (line: string) => warnings.push(line), error: (line: string) => warnings.push(line) } as never);
  return { posted, warnings, opened, file, ready: () => receive({ type: 'ready' }), change: () => change() };
}

test('a page that never takes a message holds the panel up for some seconds only, and gets it again', async () => {
  const { posted, warnings, opened, file, change } = await openPanel([new Promise(() => undefined)]);
  await until(() => posted.length === 1);
  change();
  await until(() => posted.length === 2);
  expect(posted[1]).toEqual(posted[0]);
  expect(warnings).toEqual(['Spider Map: results: the page has not taken a message in 5 s: it is not waited for any longer']);
  await writeFile(file, resultsOf('soup,s,0.5,0.5,1.5,1.5', 'soup,t,0.25,0.75,1,1.75'));
  change();
  await until(() => posted.length === 3);
  expect(wholeMessages()(posted[2])).toMatchObject([{ type: 'snapshot', hasCheckpoints: false, snapshot: { points: { length: 4 } } }]); // a table of results
  expect(warnings).toHaveLength(1);
  opened.dispose();
});

test('a page that is made anew while a message is on the way gets it when it says that it is ready', async () => {
  const { posted, opened, ready } = await openPanel([new Promise(() => undefined)]);
  await until(() => posted.length === 1);
  ready();
  await until(() => posted.length === 2);
  expect(posted[1]).toEqual(posted[0]);
  opened.dispose();
});

test('a long snapshot goes to the page in pieces, and is whole there', async () => {
  const { posted, opened } = await openPanel([], Array.from({ length: 9000 }, (_, index) => `soup,soup-number-${index},0.5,0.5,1.5,1.5`));
  const whole = wholeMessages();
  await until(() => posted.length === 3);
  expect(posted.flatMap((piece) => whole(piece))).toMatchObject([{ type: 'snapshot', target: { panel: 'spider-map' }, snapshot: { points: { length: 9002 } } }]);
  opened.dispose();
});

test('a page that is gone ends nothing', async () => {
  const gone = Promise.reject(new Error('Webview is disposed'));
  gone.catch(() => undefined);
  const { posted, warnings, opened, change } = await openPanel([gone]);
  await until(() => warnings.length === 1);
  expect(warnings).toEqual(['Spider Map: results: a message did not reach the page: Webview is disposed']);
  change();
  await until(() => posted.length === 2);
  opened.dispose();
});
