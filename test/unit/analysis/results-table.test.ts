import { parseResultsCsv, parseResultsJsonl, toResultsCsv } from '../../../src/analysis/results-table';

const csv = 'kind,name,w:a,w:b,r:x,se:x,n:x\ninit,,,,1,,\nexpert,first,1,0,2,0.1,64\nsoup,"half, half",0.5,0.5,3,0.1,64\n';

test('a table comes back as it was written', () => {
  const points = parseResultsCsv(csv, 'results.csv');
  expect(points[2]).toEqual({ kind: 'soup', name: 'half, half', weights: { a: 0.5, b: 0.5 }, rewards: { x: { mean: 3, stderr: 0.1, n: 64 } } });
  expect(parseResultsCsv(toResultsCsv(points), 'again')).toEqual(points);
});

test('what a point cost comes back too', () => {
  const points = parseResultsCsv('kind,w:a,w:b,r:x,c:training,c:evaluation\nexpert,1,0,2,1000,64\nsoup,0.5,0.5,1,,64\n', 'results.csv');
  expect(points.map(({ compute }) => compute)).toEqual([{ training: 1000, evaluation: 64 }, { training: 0, evaluation: 64 }]);
  expect(parseResultsCsv(toResultsCsv(points), 'again').map(({ compute }) => compute)).toEqual(points.map(({ compute }) => compute));
});

test.each([
  ['kind,r:x\nchef,1\n', /results\.csv:2: unknown kind "chef"/],
  ['kind,r:x\nsoup\n', /:2: has 1 cells, the header 2/],
  ['kind,w:a,w:b,r:x\nsoup,0.5,0.6,1\n', /:2: the weights sum to 1\.1, not 1/],
  ['kind,w:a,w:b,r:x\nsoup,-0.5,1.5,1\n', /weight of a is -0\.5/],
  ['kind,r:x\ninit,many\n', /r:x: "many" is not a number/],
  ['kind,x\ninit,1\n', /no reward column/],
  ['kind,r:x,y\ninit,1,2\n', /unknown column "y"/],
])('bad table %#: a clear error', (text, message) => expect(() => parseResultsCsv(text, 'results.csv')).toThrow(message));

test('a torn last line is left out, one in the middle is an error', () => {
  const line = JSON.stringify({ kind: 'init', name: 'init', weights: null, rewards: { x: { mean: 1 } } });
  expect(parseResultsJsonl(`${line}\n${line.slice(0, 20)}`, 'results.jsonl')).toHaveLength(1);
  expect(() => parseResultsJsonl(`${line.slice(0, 20)}\n${line}\n`, 'results.jsonl')).toThrow(/results\.jsonl:1: is not JSON/);
});

test.each([
  [{ mean: 1, samples: [0, 2, 1.5] }, /results\.jsonl:1: the mean of x is 1, but its samples average 1\.16/],
  [{ mean: 1, samples: [1, null] }, /the samples of x are not all numbers/],
  [{ mean: 1, samples: 'many' }, /the samples of x are not all numbers/],
])('samples that are not those of the mean: %j', (x, message) => {
  expect(() => parseResultsJsonl(JSON.stringify({ kind: 'init', name: 'init', weights: null, rewards: { x } }), 'results.jsonl')).toThrow(message);
});

test('a mean that was rounded to four digits is that of its samples', () => {
  const line = JSON.stringify({ kind: 'init', name: 'init', weights: null, rewards: { x: { mean: 0.3333, samples: [0, 0, 1] } } });
  expect(parseResultsJsonl(line, 'results.jsonl')).toHaveLength(1);
});
