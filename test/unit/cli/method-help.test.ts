import { blendCommand } from '../../../src/cli/blend';
import { mergeCommand } from '../../../src/cli/merge';

test.each([
  [blendCommand, 'ties', 'density=1 normalize=true rescale=false lambda=1 int8_mask=false'],
  [blendCommand, 'nearswap', 't=…'],
  [mergeCommand, 'ties', 'weight=… density=1 normalize=true rescale=false lambda=1 int8_mask=false'],
  [mergeCommand, 'linear', 'weight=… normalize=true'],
])('%# --help has the parameters of a method', (command, method, parameters) => {
  let help = '';
  const program = command().exitOverride().configureOutput({ writeOut: (text) => (help += text) });
  expect(() => program.parse(['--help'], { from: 'user' })).toThrow('(outputHelp)');
  expect(help).toMatch(new RegExp(`^  ${method} .*\\n    ${parameters}$`, 'm'));
});

test('blend takes weights by their flags alone', () => {
  let help = '';
  expect(() => blendCommand().exitOverride().configureOutput({ writeOut: (text) => (help += text) }).parse(['--help'], { from: 'user' })).toThrow();
  expect(help).not.toMatch(/weight=|^ {2}linear .*\n {4}/m);
});
