import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import * as l10n from '@vscode/l10n';
import bundle from '../../../l10n/bundle.l10n.json';
import { outcomeText } from '../../../src/editor/commands/outcome-text';
import { statusText } from '../../../src/editor/status/status-text';
import { experiment, run } from './run-tree/fixtures';

const root = path.resolve(__dirname, '../../..');
const sourcesOf = (room: string): string[] => readdirSync(path.join(root, room), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts')).map((file) => path.join(root, room, file));
const sources = [path.join(root, 'src/extension.ts'), ...sourcesOf('src/editor'), ...sourcesOf('webviews')];

test('the committed bundle holds the texts of the code (node scripts/l10n.mjs writes it)', () => {
  const exported = execFileSync(process.execPath, [path.join(root, 'scripts/l10n.mjs'), '--print'], { encoding: 'utf8' });
  expect(JSON.parse(exported)).toEqual(bundle);
});

test('every text that code asks for is in the bundle', () => {
  const asked = sources.flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/l10n\.t\('((?:[^'\\]|\\.)*)'/g)].map(([, text]) => text!.replaceAll("\\'", "'").replaceAll('\\n', '\n')));
  expect(asked.length).toBeGreaterThan(350);
  expect([...new Set(asked)].sort()).toEqual(Object.keys(bundle).sort());
});

test('messages and titles, but for our own name, are not written past the bundle', () => {
  const past = sources.flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/(?:show(?:Information|Warning|Error)Message\(|(?:title|placeHolder|placeholder|prompt|openLabel|tooltip): )['`](?!\$\{|Rewarded Soups|λ|‖)[^\n]*/g)].map(([line]) => `${path.relative(root, file)}: ${line}`));
  expect(past.filter((line) => !line.includes('create-soup'))).toEqual([]);
});

test('in another language, what is put together from parts is in that language', () => {
  l10n.config({ contents: Object.fromEntries(Object.keys(bundle).map((key) => [key, `«${key}»`])) });
  try {
    expect(outcomeText({ type: 'experiment-ended', experiment: experiment('stopped', []), state: 'stopped' }).message).toBe('«demo was stopped. Resume goes on from its last checkpoints.»');
    const running = experiment(null, [run('base', 'base', 'running', {}, { fraction: 0.5, secondsLeft: 60 })]);
    expect(statusText([running])).toEqual({ text: '$(beaker) «1 running» · 50 %', tooltip: 'Rewarded Soups\nbase running: «50 %, 60 s left»' });
  } finally {
    l10n.config({ contents: bundle });
  }
});
