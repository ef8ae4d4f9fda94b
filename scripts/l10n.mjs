// Writes l10n/bundle.l10n.json, the texts of the editor's host and pages that a translation has to give; prints them with --print.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { getL10nJson } from '@vscode/l10n-dev';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const sources = ['src/editor', 'webviews'].flatMap((room) => readdirSync(path.join(root, room), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts')).map((file) => path.join(room, file)));
const bundle = await getL10nJson([...sources, 'src/extension.ts'].map((file) => ({ extension: '.ts', contents: readFileSync(path.join(root, file), 'utf8') })));
const text = `${JSON.stringify(bundle, Object.keys(bundle).sort(), 2)}\n`;
if (process.argv.includes('--print')) process.stdout.write(text);
else {
  mkdirSync(path.join(root, 'l10n'), { recursive: true });
  writeFileSync(path.join(root, 'l10n/bundle.l10n.json'), text);
}
