/** `at` is the end of the last header line, `start` the first byte of the body. Bare LF is tolerated. */
export function endOfHeader(bytes: Buffer, from: number): { at: number; start: number } | undefined {
  const strict = bytes.indexOf('\r\n\r\n', from, 'latin1');
  const bare = bytes.indexOf('\n\n', from, 'latin1');
  if (strict >= 0 && (bare < 0 || strict < bare)) return { at: strict, start: strict + 4 };
  return bare >= 0 ? { at: bare, start: bare + 2 } : undefined;
}

/** Header lines by lower-case name; what is no header line is passed over. */
export function readHeaders(lines: readonly string[]): Map<string, string[]> {
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    const values = headers.get(name) ?? [];
    values.push(line.slice(colon + 1).trim());
    headers.set(name, values);
  }
  return headers;
}
