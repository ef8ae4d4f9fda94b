/** Raised by SIGINT or SIGTERM, looked at between two units of work, so that everything is saved at a whole step. */
export interface StopRequest {
  readonly signal: NodeJS.Signals | null;
}

/**
 * Turns the first SIGINT or SIGTERM into a request. A second one ends the process at once, for whoever does not
 * want to wait.
 */
export function listenForStop(): StopRequest {
  const request: { signal: NodeJS.Signals | null } = { signal: null };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (request.signal !== null) process.exit(130);
      request.signal = signal;
    });
  }
  return request;
}

/** Lets signals be delivered: handlers run only between turns of the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
