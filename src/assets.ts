import { existsSync } from 'node:fs';
import path from 'node:path';

/**
 * Absolute path of a file that the build puts into `dist/` (a kernel, the trainer, MuJoCo).
 * Bundles lie in `dist/` themselves; code run from source (tests) finds it at the repository's root.
 * @throws Error when the build has not made it
 */
export function assetPath(name: string): string {
  for (let directory = __dirname; ; directory = path.dirname(directory)) {
    for (const candidate of [path.join(directory, name), path.join(directory, 'dist', name)]) if (existsSync(candidate)) return candidate;
    if (directory === path.dirname(directory)) throw new Error(`${name} is missing from dist/: run \`npm run build\``);
  }
}
