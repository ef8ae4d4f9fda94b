// Training language models beside their peers: first the parts (generation, forward + backward), then a whole RLHF step.
//   node bench/train.mjs [--steps 200] [--peer-steps 20]
//   PYTHON=/path/to/python node bench/train.mjs        a Python that has torch, transformers, peft and trl, for the peers
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
for (const [part, argv] of [['language-model', []], ['rlhf-step', process.argv.slice(2)]]) {
  const { status } = spawnSync(process.execPath, [path.join(here, `${part}.mjs`), ...argv], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  process.stdout.write('\n');
}
