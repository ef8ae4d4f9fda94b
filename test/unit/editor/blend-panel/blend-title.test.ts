import { blendTitle, mayBeTitleOf } from '../../../../src/editor/blend-panel/blend-title';

test('the title of some checkpoints is known in whatever order they were chosen, and no other', () => {
  const title = blendTitle(['risky', 'cautious']);
  expect(title).toBe('Create Soup: risky + cautious');
  expect([['cautious', 'risky'], ['risky', 'curious'], ['risky'], []].map((names) => mayBeTitleOf(names, title))).toEqual([true, false, false, false]);
});
