import { PreflightError } from '../errors';

/** What checks have found, one sentence each: what keeps models from being merged, and what is doubtful. */
export interface Findings {
  readonly problems: string[];
  readonly warnings: string[];
}

/** @throws PreflightError with all the problems; the warnings else */
export function settled({ problems, warnings }: Findings): string[] {
  if (problems.length > 0) throw new PreflightError(problems);
  return warnings;
}
