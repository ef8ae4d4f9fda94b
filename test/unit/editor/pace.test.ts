import { Pace } from '../../../src/editor/pace';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const settle = (ms: number) => jest.advanceTimersByTimeAsync(ms);

test('a burst of requests becomes one run at once and one after the interval', async () => {
  const work = jest.fn(async () => undefined);
  const pace = new Pace(work, 250, fail);
  pace.request();
  await settle(0);
  for (let i = 0; i < 20; i++) pace.request();
  expect(work).toHaveBeenCalledTimes(1);
  await settle(249);
  expect(work).toHaveBeenCalledTimes(1);
  await settle(2);
  expect(work).toHaveBeenCalledTimes(2);
  await settle(5000);
  expect(work).toHaveBeenCalledTimes(2);
});

test('runs do not overlap, and a request during a run is answered afterwards', async () => {
  let running = 0;
  let most = 0;
  const work = jest.fn(async () => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    running--;
  });
  const pace = new Pace(work, 100, fail);
  pace.request();
  await settle(500);
  pace.request();
  await settle(5000);
  expect(work).toHaveBeenCalledTimes(2);
  expect(most).toBe(1);
});

test('errors go to the handler, and the next request runs again', async () => {
  const errors: unknown[] = [];
  const pace = new Pace(() => { throw new Error('disk'); }, 10, (error) => errors.push(error));
  pace.request();
  await settle(20);
  pace.request();
  await settle(20);
  expect(errors).toHaveLength(2);
});

test('nothing runs after dispose', async () => {
  const work = jest.fn();
  const pace = new Pace(work, 10, fail);
  pace.request(5);
  pace.dispose();
  pace.request();
  await settle(100);
  expect(work).not.toHaveBeenCalled();
});

function fail(error: unknown): void {
  throw error;
}
