import { PreflightError } from '../errors';
import type { PreflightCheck, PreflightFinding } from '../preflight-checks';

interface Sentences {
  push(...texts: readonly string[]): void;
}

/** What checks have found, one sentence each: what keeps models from being merged, and what is doubtful. */
export class Findings {
  readonly problems: Sentences;
  readonly warnings: Sentences;

  /** @param check under which sentences are noted */
  constructor(check: PreflightCheck = 'tensors', readonly found: PreflightFinding[] = []) {
    const sentences = (level: PreflightFinding['level']): Sentences => ({ push: (...texts) => void found.push(...texts.map((text) => ({ check, level, text }))) });
    this.problems = sentences('problem');
    this.warnings = sentences('warning');
  }

  /** The same findings, to which another check adds. */
  of(check: PreflightCheck): Findings {
    return new Findings(check, this.found);
  }

  textsOf(level: PreflightFinding['level']): string[] {
    return this.found.filter((finding) => finding.level === level).map(({ text }) => text);
  }
}

/** @throws PreflightError with all the problems; the warnings else */
export function settled(findings: Findings): string[] {
  const problems = findings.textsOf('problem');
  if (problems.length > 0) throw new PreflightError(problems);
  return findings.textsOf('warning');
}
