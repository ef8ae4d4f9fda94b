// Fails where a packaged extension is too large to be installed without a thought: native backends do not belong in it.
import { statSync } from 'node:fs';

const limitBytes = 15e6;
const [, , file] = process.argv;
const { size } = statSync(file);
console.log(`${file}: ${(size / 1e6).toFixed(1)} MB of at most ${limitBytes / 1e6} MB`);
if (size >= limitBytes) process.exit(1);
