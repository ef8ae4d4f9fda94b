// Trains an adapter here, opens it with PEFT, and prints by how much the logits differ. Needs a build, and a Python with
// torch, transformers and peft:
//   PYTHON=/path/to/python node bench/peft-round-trip.mjs
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { bundle, root } from './bundle.mjs';

const fixtures = path.join(root, 'test', 'fixtures', 'text');
const train = await bundle('bench/peft-round-trip/train.ts', 'peft-round-trip');
for (const name of ['gpt2', 'llama3', 'qwen3']) {
  const adapter = mkdtempSync(path.join(os.tmpdir(), 'adapter-'));
  execFileSync(process.execPath, [train, path.join(fixtures, 'models', name), adapter]);
  const printed = execFileSync(process.env.PYTHON ?? 'python3', [path.join(fixtures, 'adapters.py'), '--check', adapter], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  process.stdout.write(`${name}: ${printed.trim()}\n`);
  rmSync(adapter, { recursive: true });
}
