import { SoupError } from '../errors';

/**
 * Work that cannot go on for now, through no fault of its own (a server is down). The run ends as `stopped`, with its
 * last whole step saved, and the same command goes on from there.
 */
export class PausedError extends SoupError {
  constructor(name: string, message: string, cause?: unknown) {
    super(name, message, { isInput: false, cause });
  }
}
