import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { blendCommand } from '../../../src/cli/blend';

const fixtures = path.join(__dirname, '../../fixtures/adapters');
const home = process.cwd();
let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'soup-'));
  for (const name of ['llama', 'plain', 'other']) cpSync(path.join(fixtures, name), path.join(root, name === 'other' ? "it's other" : name), { recursive: true });
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  jest.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(() => {
  process.chdir(home);
  jest.restoreAllMocks();
  rmSync(root, { recursive: true });
});
const blend = (args: readonly string[]) => blendCommand().exitOverride().parseAsync([...args], { from: 'user' });
const weightsOf = (directory: string, file: string) => readFileSync(path.join(root, directory, file));

describe('the card of a blend of adapters', () => {
  test.each([
    [['--weights', '0.3,0.7'], 'adapter_model.safetensors', { base_model: 'llama', library_name: 'peft', tags: ['lora', 'merge', 'rewarded-soups'] }],
    [['--weights', '-0.5,1.5', '--extrapolate', '--space', 'delta', '--rank', '2', '--dtype', 'bf16'], 'adapter_model.safetensors', { library_name: 'peft' }],
    [['--method', 'uniform', '--base', 'llama', '--space', 'delta'], 'adapter_model.safetensors', { base_model: '../llama', library_name: 'peft' }],
    [['--weights', '0.3,0.7', '--base', 'llama', '--merge-into-base'], 'model.safetensors', { base_model: ['../llama', '../plain', "../it's other"], tags: ['lora', 'merge', 'rewarded-soups'] }],
  ])('%j: front matter, and a command that gives the same bytes again', async (options, file, expected) => {
    process.chdir(root);
    await blend(['plain', "it's other", ...options, '-o', 'soup']);
    const [, front, body] = /^---\n([^]*?)\n---\n([^]*)$/.exec(readFileSync(path.join(root, 'soup/README.md'), 'utf8')) ?? [];
    expect(parse(front)).toMatchObject(expected);
    const command = /```sh\n(.*)\n```/.exec(body)?.[1] ?? '';
    process.chdir(path.join(root, 'soup'));
    const args = execFileSync('sh', ['-c', `soup() { printf '%s\\n' "$@"; }; ${command}`], { encoding: 'utf8' }).trimEnd().split('\n');
    expect(args[0]).toBe('blend');
    await blend(args.slice(1));
    const data = (bytes: Buffer) => bytes.subarray(8 + Number(bytes.readBigUInt64LE(0)));
    expect(data(weightsOf('soup-again', file)).equals(data(weightsOf('soup', file)))).toBe(true);
  });
});
