import path from 'node:path';
import { shownPath } from '../../src/shown-path';

test('a path is relative in the working directory, and whole outside it', () => {
  const here = process.cwd();
  expect(shownPath(path.join(here, 'lab', 'soup.yaml'))).toBe(path.join('lab', 'soup.yaml'));
  expect(shownPath(here)).toBe('.');
  const outside = path.join(path.dirname(here), 'lab', 'soup.yaml');
  expect(shownPath(outside)).toBe(outside);
  expect(shownPath(path.relative(here, outside))).toBe(outside);
});
