import { isMergekitText, mergeMethodLine } from '../../../src/editor/mergekit-language/mergekit-file';
import { settingHover, summaryOfUses } from '../../../src/editor/mergekit-language/setting-hover';

test('a mergekit configuration names its method at the top level', () => {
  expect(mergeMethodLine('# a merge\nmodels: []\nmerge_method: ties\n')).toBe(2);
  expect(isMergekitText('"merge_method": slerp')).toBe(true);
  expect(isMergekitText('name: locomotion\nnote:\n  merge_method: ties\n')).toBe(false);
});

test('a hover lists the tensors and their values, and says how many more there are', () => {
  const uses = Array.from({ length: 15 }, (_, layer) => ({ tensor: `layers.${layer}.weight`, model: 'a', parameter: 't', value: layer / 14 }));
  const text = settingHover(summaryOfUses(uses));
  expect(text).toContain('`t` of 15 tensors in `a`');
  expect(text).toContain('| `layers.1.weight` | 0.0714286 |');
  expect(text).not.toContain('layers.12.weight');
  expect(text).toContain('and 3 more');
  expect(settingHover(summaryOfUses([]))).toMatch(/^No tensor gets its value from here/);
  expect(settingHover(summaryOfUses(uses.slice(0, 1).map((use) => ({ ...use, model: null }))))).toMatch(/^`t` of 1 tensor\n/);
});
