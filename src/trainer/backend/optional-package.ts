import { createRequire } from 'node:module';
import path from 'node:path';

/** The package asked for is not installed (as opposed to: it is, and failed to load). */
export class PackageNotInstalled extends Error {}

/**
 * File that a package which need not be installed resolves to: looked for from beside this program first, then from the
 * working directory and from `beside`, so that a packaged extension (which carries no node_modules) can use what the
 * researcher installed.
 * @param beside a further directory to look from
 * @throws PackageNotInstalled
 */
export function findOptional(request: string, beside?: string): string {
  for (const from of [__filename, ...[process.cwd(), ...(beside === undefined ? [] : [beside])].map((directory) => path.join(directory, 'package.json'))]) {
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
 * @param beside a further directory to look from
 * @throws PackageNotInstalled, or whatever the package threw while loading
 */
export function requireOptional(name: string, beside?: string): unknown {
  return createRequire(__filename)(findOptional(name, beside));
}
