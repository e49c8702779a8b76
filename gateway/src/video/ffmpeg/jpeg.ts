/** Begins and ends as a JPEG does; a transfer that broke off does not. Cameras pad with zeros or a line break after it. */
export function isWholeJpeg(bytes: Uint8Array): boolean {
  if (bytes.length < 4 || bytes[0] !== 0xff || bytes[1] !== 0xd8 || bytes[2] !== 0xff) return false;
  let end = bytes.length;
  while (end > 2 && [0x00, 0x0a, 0x0d].includes(bytes[end - 1] ?? 0)) end -= 1;
  return bytes[end - 2] === 0xff && bytes[end - 1] === 0xd9;
}
