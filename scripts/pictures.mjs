// Takes the pictures of README and docs in the editor: of the example, which has to have been run, and of a study and a
// search for λ, which are run here in a folder of their own (about ten minutes).
//   npm run build && npm run demo && node scripts/pictures.mjs
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const example = path.join(root, 'examples', 'locomotion');
const work = mkdtempSync(path.join(os.tmpdir(), 'pictures-'));
const [study, search] = ['study', 'search'].map((name) => path.join(work, name));
const soup = (cwd, ...argv) => execFileSync(process.execPath, [path.join(root, 'dist', 'cli.js'), ...argv], { cwd, stdio: 'inherit' });
try {
  cpSync(path.join(example, 'studies', 'lmc-stress.soup.yaml'), path.join(study, 'lmc-stress.soup.yaml'));
  for (const name of ['soup.yaml', 'runs']) cpSync(path.join(example, name), path.join(search, name), { recursive: true });
  soup(study, 'run', 'lmc-stress.soup.yaml');
  soup(search, 'sweep', 'soup.yaml', '--search', 'min(risky, 2*cautious)', '--budget', '24');
  execFileSync('npx', ['jest', 'test/editor/.*appearance'], { cwd: root, stdio: 'inherit', env: { ...process.env, PICTURES: work } });
} finally {
  rmSync(work, { recursive: true, force: true });
}
