import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { frontSnapshots } from '../../../../src/editor/panels/snapshots/front';

const root = mkdtempSync(path.join(os.tmpdir(), 'front-'));
afterAll(() => rmSync(root, { recursive: true }));

/** A front whose analysis says what it was asked for, and whose intervals are given by hand. */
function openFront() {
  const results = path.join(root, 'results.jsonl');
  const write = (text: string): void => writeFileSync(results, text);
  write('one');
  let asked = 0;
  const given: { resolve(json: string): void; reject(error: Error): void }[] = [];
  const onLater = jest.fn();
  const analyst = { run: async () => `{"front":${++asked}}` };
  const longAnalyst = { run: () => new Promise<string>((resolve, reject) => given.push({ resolve, reject })) };
  const next = frontSnapshots({ results, experimentDirectory: null } as never, { analyst: analyst as never, longAnalyst: longAnalyst as never, onLater });
  return { write, given, onLater, next: async () => JSON.parse(await next()) as object };
}

/** Waits until so many intervals have been asked for. */
async function asked(given: readonly unknown[], count: number): Promise<void> {
  while (given.length < count) await new Promise(setImmediate);
}

test('the front is there before its intervals, which come with a later snapshot', async () => {
  const { given, onLater, next } = openFront();
  expect(await next()).toEqual({ front: 1 });
  expect(onLater).not.toHaveBeenCalled();
  given[0]!.resolve('{"intervals":null}');
  await new Promise(setImmediate);
  expect(onLater).toHaveBeenCalledTimes(1);
  expect(await next()).toEqual({ intervals: null, front: 1 });
  expect(given).toHaveLength(1);
});

test('intervals of an earlier front are not shown beside a later one, whose own are computed after them', async () => {
  const { write, given, next } = openFront();
  await next();
  write('another');
  expect(await next()).toEqual({ front: 2 });
  expect(given).toHaveLength(1);
  given[0]!.resolve('{"intervals":"of the first"}');
  await new Promise(setImmediate);
  const shown = next();
  await asked(given, 2);
  given[1]!.resolve('{"intervals":"of the second"}');
  expect(await shown).toEqual({ intervals: 'of the second', front: 2 });
});

test('intervals that fail are told', async () => {
  const { given, next } = openFront();
  const shown = next();
  await asked(given, 1);
  given[0]!.reject(new Error('the thread has ended'));
  await expect(shown).rejects.toThrow('the thread has ended');
});
