import { readFromPanel, targetOfState } from '../../../src/protocol/panel-messages';

test('a saved state names its target', () => {
  expect(targetOfState({ version: 1, panel: 'front', source: '/w/runs/x', title: 'T', view: { zoom: 2 } })).toEqual({ panel: 'front', source: '/w/runs/x', title: 'T' });
});

test.each([[undefined], [null], ['front'], [{}], [{ version: 1, panel: 'other', source: '/', title: '' }], [{ version: 1, panel: 'front', source: 1, title: '' }], [{ panel: 'front', source: '/w', title: 'T' }], [{ version: 2, panel: 'front', source: '/w', title: 'T' }]])('a missing or foreign state, or one of another version, %p has none', (state) => {
  expect(targetOfState(state)).toBeNull();
});

test.each([
  [{ type: 'ready' }],
  [{ type: 'export', name: 'chart', format: 'svg', content: '<svg/>' }],
  [{ type: 'create-soup', weights: { risky: 0.3, cautious: 0.7 } }],
  [{ type: 'open-log', run: 'risky' }],
  [{ type: 'inspect', selection: { run: 'risky' }, isAskedFor: false }],
  [{ type: 'inspect', selection: { weights: { risky: 1, cautious: 0 } }, isAskedFor: true }],
])('%p is understood', (message) => {
  expect(readFromPanel(message)).toEqual(message);
});

test.each([[null], ['ready'], [{ type: 'delete' }], [{ type: 'export', name: 'x', format: 'exe', content: '' }], [{ type: 'create-soup', weights: { risky: NaN } }], [{ type: 'create-soup', weights: [1] }], [{ type: 'open-log' }], [{ type: 'inspect' }], [{ type: 'inspect', selection: { run: 'risky' } }], [{ type: 'inspect', selection: { run: 1 }, isAskedFor: true }], [{ type: 'inspect', selection: { weights: { risky: 'all' } }, isAskedFor: true }]])('%p is refused', (message) => {
  expect(readFromPanel(message)).toBeNull();
});
