/**
 * The pieces of a SentencePiece model in the order of their ids: field 1 of every message in field 1 of its ModelProto
 * (sentencepiece_model.proto). Null where the bytes are no such message.
 */
export function sentencePieces(bytes: Uint8Array): string[] | null {
  const pieces: string[] = [];
  for (const field of fieldsOf(bytes)) {
    if (field === null) return null;
    if (field.number !== 1) continue;
    if (field.bytes === null) return null;
    let piece: string | null = null;
    for (const inner of fieldsOf(field.bytes)) {
      if (inner === null) return null;
      if (inner.number === 1 && inner.bytes !== null) piece = Buffer.from(inner.bytes).toString('utf8');
    }
    if (piece === null) return null;
    pieces.push(piece);
  }
  return pieces.length > 0 ? pieces : null;
}

interface Field {
  readonly number: number;
  /** null of a number */
  readonly bytes: Uint8Array | null;
}

/** The fields of a protocol buffer message; a null at the end where it is malformed. */
function* fieldsOf(bytes: Uint8Array): Generator<Field | null, void, void> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; at < bytes.length && shift < 49; shift += 7) {
      const byte = bytes[at++];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return NaN;
  };
  const skip: Readonly<Record<number, number>> = { 1: 8, 5: 4 };
  while (at < bytes.length) {
    const key = varint();
    const [number, wire] = [Math.floor(key / 8), key % 8];
    let content: Uint8Array | null = null;
    if (wire === 2) {
      const length = varint();
      content = bytes.subarray(at, at + length);
      at += length;
    } else if (wire === 0) skipVarint();
    else at += skip[wire] ?? NaN;
    // NaN fails too
    if (!(number > 0 && at <= bytes.length)) {
      yield null;
      return;
    }
    yield { number, bytes: content };
  }

  /** Negative numbers have ten bytes, which is more than a double holds. */
  function skipVarint(): void {
    while (at < bytes.length && bytes[at] >= 0x80) at++;
    at++;
  }
}
