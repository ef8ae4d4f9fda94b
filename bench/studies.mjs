// Runs the locomotion studies from nothing, one after the other, and prints how long each took and what it found.
//   node bench/studies.mjs [--variant quick] [--keep DIRECTORY] [--tables] [NAME…]
// A directory that was kept is gone on with; --tables prints the evidence and the tables of each study's report as well.
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { variant: { type: 'string' }, keep: { type: 'string' }, tables: { type: 'boolean' } } });
const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const studies = path.join(root, 'examples', 'locomotion', 'studies');
const folder = values.keep ?? mkdtempSync(path.join(tmpdir(), 'studies-'));
cpSync(studies, folder, { recursive: true, filter: (source) => path.basename(source) !== 'runs' });

const names = readdirSync(studies).filter((file) => file.endsWith('.soup.yaml')).map((file) => file.replace('.soup.yaml', ''));
const strangers = positionals.filter((name) => !names.includes(name));
if (strangers.length > 0) throw new Error(`no study ${strangers.join(', ')}: known are ${names.join(', ')}`);

process.stdout.write(`${cpus()[0].model.replace(/ \d+-Core.*/, '')}, ${cpus().length} cores, Node ${process.version}\n\n| study | seconds | what it found |\n| --- | ---: | --- |\n`);
const markdown = ([header, ...rows]) => [header, header.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |\n`).join('');
const details = [];
for (const name of positionals.length > 0 ? positionals : names) {
  const started = performance.now();
  await promisify(execFile)(process.execPath, [path.join(root, 'dist', 'cli.js'), 'run', path.join(folder, `${name}.soup.yaml`), ...(values.variant ? ['--variant', values.variant] : [])], { maxBuffer: 2 ** 26 });
  const seconds = Math.round((performance.now() - started) / 1000);
  const { findings, sections } = JSON.parse(readFileSync(path.join(folder, 'runs', values.variant ? `${name}-${values.variant}` : name, 'report', 'study.json'), 'utf8'));
  process.stdout.write(`| ${name} | ${seconds} | ${findings.map(({ question, answer }) => `${question} **${answer}**`).join('<br>')} |\n`);
  if (values.tables) details.push(`\n## ${name}\n\n`, ...findings.map(({ question, answer, evidence }) => `${question} **${answer}**: ${evidence}.\n\n`), ...sections.map(({ heading, table }) => `### ${heading}\n\n${markdown(table)}\n`));
}
process.stdout.write(details.join(''));
if (!values.keep) rmSync(folder, { recursive: true });
