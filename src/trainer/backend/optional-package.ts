import { createRequire } from 'node:module';
import path from 'node:path';

/** The package asked for is not installed (as opposed to: it is, and failed to load). */
export class PackageNotInstalled extends Error {}

/**
 * File that a package which need not be installed resolves to: looked for from beside this program first, then from the
 * working directory, so that a packaged extension (which carries no node_modules) can use what the researcher installed.
 * @throws PackageNotInstalled
 */
export function findOptional(request: string): string {
  for (const from of [__filename, path.join(process.cwd(), 'package.json')]) {
    try {
      return createRequire(from).resolve(request);
    } catch {
      continue;
    }
  }
  throw new PackageNotInstalled(`${request} is not installed`);
}

/**
 * Loads a package that need not be installed.
 * @throws PackageNotInstalled, or whatever the package threw while loading
 */
export function requireOptional(name: string): unknown {
  return createRequire(__filename)(findOptional(name));
}
