const MARK = '…';

/** At most so many bytes of UTF-8, never half a character, with a mark where something is missing. */
export function cutToBytes(text: string, most: number): string {
  if (Buffer.byteLength(text) <= most) return text;
  const room = most - Buffer.byteLength(MARK);
  if (room <= 0) return '';
  return `${startOf(text, room)}${MARK}`;
}

/** In pieces of at most `most` bytes, cut at line ends where there are any; together they are the text. */
export function splitToBytes(text: string, most: number): string[] {
  const pieces: string[] = [];
  let piece = '';
  for (const line of text.split('\n')) {
    const joined = piece === '' ? line : `${piece}\n${line}`;
    if (Buffer.byteLength(joined) <= most) {
      piece = joined;
      continue;
    }
    if (piece !== '') pieces.push(piece);
    piece = line;
    while (Buffer.byteLength(piece) > most) {
      const start = startOf(piece, most);
      // A limit below one character: better too long than for ever.
      const taken = start === '' ? piece : start;
      pieces.push(taken);
      piece = piece.slice(taken.length);
    }
  }
  if (piece !== '' || pieces.length === 0) pieces.push(piece);
  return pieces;
}

function startOf(text: string, most: number): string {
  const bytes = Buffer.from(text);
  let end = Math.min(most, bytes.length);
  // Never into the middle of a character: its further bytes all begin with the bits 10.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end);
}
