/**
 * An error that a user can act on: shown as one line, without a stack. The message says what was wrong, where,
 * and what to do next. `isInput` separates a wrong call or input (exit code 2) from work that failed (exit code 1).
 */
export class SoupError extends Error {
  readonly isInput: boolean;

  constructor(name: string, message: string, options: { readonly isInput?: boolean; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = name;
    this.isInput = options.isInput ?? true;
  }
}
