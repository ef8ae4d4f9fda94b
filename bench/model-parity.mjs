// Draws language models at random, and compares logits and greedy continuations with transformers'. Needs a build:
//   PYTHON=/path/to/python node bench/model-parity.mjs [--count 40] [--seed 1]      a Python that has torch and transformers
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bundle, root } from './bundle.mjs';

const { values } = parseArgs({ options: { count: { type: 'string', default: '40' }, seed: { type: 'string', default: '1' } } });
const seeds = Array.from({ length: Number(values.count) }, (_, i) => Number(values.seed) + i);
const compare = await bundle('bench/model-parity/compare.ts', 'model-parity');
const work = mkdtempSync(path.join(os.tmpdir(), 'model-parity-'));
const lines = (program, argv) => execFileSync(program, argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim().split('\n').map((line) => JSON.parse(line));
try {
  const directories = seeds.map((seed) => path.join(work, String(seed)));
  const drawn = lines(process.env.PYTHON ?? 'python3', [path.join(root, 'bench', 'model-parity', 'draw.py'), ...seeds.flatMap((seed, i) => [String(seed), directories[i]])]);
  const found = lines(process.execPath, [compare, ...directories]);
  process.stdout.write("| seed | family | positions | heads | drawn besides | largest difference of a logit | own to float64 | transformers' to float64 | same continuations |\n| ---: | --- | --- | --- | --- | ---: | ---: | ---: | ---: |\n");
  drawn.forEach((model, i) => {
    const { error, continuations, sameContinuations } = found[i];
    const besides = [model.isTied ? 'tied' : 'untied', model.window ? `window ${model.window}` : '', model.dtype, model.isSharded ? 'sharded' : '', model.isOlder ? 'older keys' : ''].filter(Boolean).join(', ');
    process.stdout.write(`| ${seeds[i]} | ${model.family} | ${model.rope} | ${model.heads} | ${besides} | ${error ?? ['difference', 'ownError', 'theirError'].map((key) => found[i][key].toExponential(1)).join(' | ')} | ${error ? '' : `${sameContinuations} of ${continuations}`} |\n`);
  });
  const opened = found.filter(({ error }) => !error);
  const largest = (key) => Math.max(...opened.map((each) => each[key])).toExponential(1);
  const sum = (key) => opened.reduce((total, each) => total + each[key], 0);
  process.stdout.write(`\n${opened.length} of ${found.length} models opened; largest difference ${largest('difference')}, own to float64 ${largest('ownError')}, transformers' ${largest('theirError')}; ${sum('sameContinuations')} of ${sum('continuations')} continuations the same.\n`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
