import { meanInterval } from '../../../src/analysis/mean-inference';
import { measuredMean } from '../../../src/analysis/measured-mean';

const samples = [1, 2, 4, 5, 9, 3];

test('the interval is that of the samples, where there are some', () => {
  expect(measuredMean({ mean: 4, stderr: 99, n: 6, samples }, 0.05)).toEqual({ mean: 4, ci: meanInterval(samples, 0.05), n: 6 });
});

test('from a standard error it is Student\'s, and the normal\'s where the number of samples is not said', () => {
  expect(measuredMean({ mean: 4, stderr: 1, n: 5 }, 0.05).ci!.map((end) => end - 4)).toEqual([expect.closeTo(-2.7764451, 6), expect.closeTo(2.7764451, 6)]); // the tables' t of 4 degrees
  expect(measuredMean({ mean: 4, stderr: 1 }, 0.05)).toEqual({ mean: 4, ci: [expect.closeTo(2.0400360, 6), expect.closeTo(5.9599640, 6)], n: null });
});

test('without spread there is no interval', () => {
  expect(measuredMean({ mean: 4 }, 0.05)).toEqual({ mean: 4, ci: null, n: null });
  expect(measuredMean({ mean: 4, n: 8 }, 0.05)).toEqual({ mean: 4, ci: null, n: 8 });
  expect(measuredMean({ mean: 4, stderr: 0, n: 1 }, 0.05)).toEqual({ mean: 4, ci: null, n: 1 });
});
