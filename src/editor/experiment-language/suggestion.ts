/** The replacement that a problem's message proposes (`did you mean "velocity"?`), or null. */
export function proposedReplacement(message: string): string | null {
  return /did you mean "([^"]+)"\?/.exec(message)?.[1] ?? null;
}
