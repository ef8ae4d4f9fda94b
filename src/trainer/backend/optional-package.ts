import { createRequire } from 'node:module';
import path from 'node:path';

/**
 * Loads a package that need not be installed: first from beside this program, then from the working directory, so that
 * a packaged extension (which carries no node_modules) can use what the researcher installed in the project.
 * @throws the loader's own error: "not found" of the last place, or whatever the package threw while loading
 */
export function requireOptional(name: string): unknown {
  let failure: unknown;
  for (const start of [__filename, path.join(process.cwd(), 'package.json')]) {
    const load = createRequire(start);
    try {
      return load(name);
    } catch (error) {
      // an installed package that fails to load says more than the second place's "not found"
      if (!isNotFound(error, name)) throw error;
      failure = error;
    }
  }
  throw failure;
}

/** Whether an error of `requireOptional` means that the package itself is not installed. */
export function isNotFound(error: unknown, name: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND' && error.message.includes(`'${name}'`);
}
