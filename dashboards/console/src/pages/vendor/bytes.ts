/** Payloads as people look at them. */

const WIDTH = 16;

/** Offset, bytes in hex, and what of them prints; 16 bytes a line. */
export function hexDump(payload: string, encoding: 'text' | 'base64'): string {
  const bytes =
    encoding === 'text'
      ? new TextEncoder().encode(payload)
      : Uint8Array.from(atob(payload), (letter) => letter.charCodeAt(0));
  const lines = [];
  for (let at = 0; at < bytes.length; at += WIDTH) {
    const row = [...bytes.subarray(at, at + WIDTH)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const seen = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${at.toString(16).padStart(4, '0')}  ${hex.padEnd(WIDTH * 3 - 1)}  ${seen}`);
  }
  return lines.join('\n');
}

/** JSON set out in lines; anything else as it stands. */
export function pretty(payload: string): string {
  try {
    return JSON.stringify(JSON.parse(payload), null, 2);
  } catch {
    return payload;
  }
}
