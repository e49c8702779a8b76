/** Pictures of the two streams of a check, in order. */
export interface CheckOutput {
  readonly grey: readonly Buffer[];
  readonly jpeg: readonly Buffer[];
}

/**
 * Cuts the AVI a check writes to its pipe: the one container that carries raw and JPEG pictures side by side and is
 * read in twenty lines. Stream 0 is grey, stream 1 JPEG; empty chunks are the muxer's filling.
 */
export function splitChunks(avi: Buffer): CheckOutput {
  const grey: Buffer[] = [];
  const jpeg: Buffer[] = [];
  const start = avi.indexOf('movi', 0, 'latin1');
  if (start < 0) return { grey, jpeg };
  for (let at = start + 4; at + 8 <= avi.length; ) {
    const name = avi.toString('latin1', at, at + 4);
    const size = avi.readUInt32LE(at + 4);
    const end = at + 8 + size;
    if (!/^0[01]d[bc]$/.test(name) || end > avi.length) break;
    if (size > 0) (name[1] === '0' ? grey : jpeg).push(avi.subarray(at + 8, end));
    at = end + (size & 1);
  }
  return { grey, jpeg };
}
