import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { commandLine, wordsOf } from '../../../src/runs/launchers/command';
import { launcherNamed } from '../../../src/runs/launchers/registry';
import { newRunRecord, writeRunRecord } from '../../../src/runs/run-directory';

const trainer = path.join(__dirname, '..', '..', 'fixtures', 'fake-trainer', 'trainer.cjs');
let folder: string;
const searchPath = process.env.PATH;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'soup-launchers-'));
});
afterEach(() => {
  process.env.PATH = searchPath;
  rmSync(folder, { recursive: true });
});

/** A command on the search path that notes its own options and then becomes the rest of its words. */
function standIn(name: string): string {
  const notes = path.join(folder, 'options');
  const file = path.join(folder, name);
  writeFileSync(file, `#!/bin/sh\nwhile [ "\${1#--}" != "$1" ]; do echo "$1" >> '${notes}'; shift; done\nexec "$@"\n`);
  chmodSync(file, 0o755);
  process.env.PATH = `${folder}${path.delimiter}${searchPath}`;
  return notes;
}

const start = async (launcher: string, name: string, settings: { slurm?: string; command?: string } | undefined) => {
  const directory = path.join(folder, name);
  await writeRunRecord(directory, newRunRecord({ kind: 'sweep', name, version: '0', state: 'queued', job: { kind: 'sweep', name, points: [], rewards: {}, results: path.join(directory, 'results.jsonl') } as never }));
  return launcherNamed(launcher).start(directory, { trainer, settings });
};

test('slurm: a job step with the options of the file, named after the run', async () => {
  const options = standIn('srun');
  const { stopped } = await start('slurm', 'risky', { slurm: '--gres=gpu:1 --comment="two words"' });
  expect(await stopped).toMatchObject({ state: 'succeeded', exitCode: 0 });
  expect(readFileSync(options, 'utf8').trim().split('\n')).toEqual(['--quiet', '--disable-status', '--ntasks=1', '--job-name=soup-risky', '--gres=gpu:1', '--comment=two words']);
});

test('slurm where there is none: the run fails and says so', async () => {
  process.env.PATH = folder;
  const { stopped } = await start('slurm', 'risky', undefined);
  expect(await stopped).toMatchObject({ state: 'failed', error: { name: 'NotStartedError', message: expect.stringContaining('srun') } });
});

test('command: the line of the file, with the name filled in', async () => {
  const options = standIn('queue');
  const { stopped } = await start('command', 'risky', { command: 'queue --name={name} {argv}' });
  expect(await stopped).toMatchObject({ state: 'succeeded' });
  expect(readFileSync(options, 'utf8')).toBe('--name=risky\n');
  await expect(start('command', 'risky', {})).rejects.toMatchObject({ name: 'NoLauncherCommandError' });
});

test('a launcher command is split into words without a shell', () => {
  const values = { argv: ['node', 'a b/trainer.js', 'run'], name: 'risky' };
  expect(commandLine('srun --job-name="soup {name}" --x=\'$HOME\' {argv}', values)).toEqual(['srun', '--job-name=soup risky', '--x=$HOME', 'node', 'a b/trainer.js', 'run']);
  expect(() => commandLine('srun', values)).toThrow('{argv}');
  expect(() => commandLine('srun "x {argv}', values)).toThrow('quote');
  expect(wordsOf('  ')).toEqual([]);
});
