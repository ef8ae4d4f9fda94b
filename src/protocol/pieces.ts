import { isCount, isText, messageReader } from './check';

/**
 * A part of a long message's JSON. VS Code writes each message to a page as JSON of its own on the thread that all
 * extensions share: a long one would hold them up.
 */
export interface Piece {
  readonly type: 'piece';
  readonly index: number;
  readonly count: number;
  readonly text: string;
}

/** characters of a piece: a few milliseconds */
const pieceLength = 500_000;
const readPiece = messageReader<Piece>({ piece: { index: isCount, count: isCount, text: isText } });

/** @param json of a message */
export function* piecesOf(json: string): Generator<Piece> {
  const count = Math.ceil(json.length / pieceLength);
  for (let index = 0; index < count; index++) yield { type: 'piece', index, count, text: json.slice(index * pieceLength, (index + 1) * pieceLength) };
}

/** Makes the function that gives each message as it was sent: none until the last piece of a long one is there. */
export function wholeMessages(): (message: unknown) => readonly unknown[] {
  let parts: string[] = [];
  return (message) => {
    const piece = readPiece(message);
    if (piece === null) return [message];
    if (piece.index === 0) parts = [];
    // a page that has loaded afresh meanwhile gets the end of what it has not seen the start of
    if (piece.index !== parts.length) return [];
    parts.push(piece.text);
    return parts.length === piece.count ? [JSON.parse(parts.join('')) as unknown] : [];
  };
}
