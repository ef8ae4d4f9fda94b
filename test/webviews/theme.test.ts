import { readTheme, themeKind } from '../../webviews/kit/theme';

afterEach(() => {
  document.body.className = '';
  document.body.removeAttribute('style');
});

test('colours are the theme’s own, but for those too faint for a line', () => {
  document.body.className = 'vscode-dark';
  document.body.style.setProperty('--vscode-charts-blue', '#123456');
  document.body.style.setProperty('--vscode-charts-orange', '#ea5c0055');
  document.body.style.setProperty('--vscode-charts-green', 'rgba(137, 209, 133, 0.4)');
  document.body.style.setProperty('--vscode-charts-purple', '#b180d7ff');
  expect(readTheme().palette.slice(0, 4)).toEqual(['#123456', '#d18616', '#89d185', '#b180d7ff']);
});

test('high contrast has stronger colours of its own', () => {
  document.body.className = 'vscode-high-contrast';
  document.body.style.setProperty('--vscode-charts-blue', '#123456');
  expect(themeKind()).toBe('high-contrast');
  expect(readTheme().palette[0]).toBe('#3794ff');
});
