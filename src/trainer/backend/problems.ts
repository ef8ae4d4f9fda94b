import type { BackendName } from '../../experiment/schema';
import { SoupError } from '../../errors';

/** Why a backend cannot be opened on this machine, and what would make it work. */
export class BackendProblem extends Error {
  constructor(
    readonly reason: string,
    readonly advice: string,
    options?: { readonly cause?: unknown },
  ) {
    super(reason, options);
    this.name = 'BackendProblem';
  }
}

/**
 * Reads any failure of a door as a problem with advice; unknown errors keep their message.
 * @param error what the door threw
 */
export function asBackendProblem(error: unknown): BackendProblem {
  if (error instanceof BackendProblem) return error;
  const message = error instanceof Error ? error.message : ((error as { message?: unknown } | null)?.message ?? error);
  return new BackendProblem(String(message), 'run `soup doctor` for the state of every backend', { cause: error });
}

/** The error of a backend that was asked for and does not work: what, why, what to do. */
export function backendUnavailable(name: BackendName, error: unknown): SoupError {
  const { reason, advice } = asBackendProblem(error);
  return new SoupError('BackendUnavailableError', `backend "${name}" does not work here: ${oneLine(reason)} — ${advice}`, { cause: error });
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').trim();
}
