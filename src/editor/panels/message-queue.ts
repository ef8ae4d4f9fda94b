import { piecesOf } from '../../protocol/pieces';

/** A message, or the JSON of one that is long. */
export type Sendable<M> = M | string;

/** Posts messages to a page one after another, long ones in pieces, with the event loop free in between. */
export class MessageQueue<M extends object> {
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly post: (message: unknown) => void) {}

  /** Resolves when the whole message has been posted. */
  send(message: Sendable<M>): Promise<void> {
    return (this.last = this.last.then(async () => {
      if (typeof message !== 'string') return this.post(message);
      for (const piece of piecesOf(message)) {
        this.post(piece);
        await new Promise((resolve) => setImmediate(resolve));
      }
    }));
  }
}

/**
 * JSON of an object, and of one more member that is JSON already.
 * @param object has at least one member
 */
export function jsonWith(object: object, member: string, json: string): string {
  return jsonJoined(object, `{${JSON.stringify(member)}:${json}}`);
}

/** JSON of an object, and of the members of another one that is JSON already; both have at least one. */
export function jsonJoined(object: object, json: string): string {
  return joined(JSON.stringify(object), json);
}

/** JSON of the members of two objects that are JSON already; both have at least one. */
export function joined(first: string, second: string): string {
  return `${first.slice(0, -1)},${second.slice(1)}`;
}
