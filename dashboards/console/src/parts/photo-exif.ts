const APP1 = 0xe1;
const START_OF_SCAN = 0xda;
const ORIENTATION = 0x0112;
const SHORT = 3;

/**
 * The JPEG with the EXIF block of the picture it was drawn from: drawing loses when and where it was taken. The drawn one
 * stands upright already, so the block says so.
 */
export function withExif(drawn: Uint8Array, original: Uint8Array): Uint8Array<ArrayBuffer> {
  const block = exifOf(original);
  if (block === null || drawn[0] !== 0xff || drawn[1] !== 0xd8) return new Uint8Array(drawn);
  const upright = new Uint8Array(block);
  setUpright(upright);
  const whole = new Uint8Array(drawn.length + upright.length);
  whole.set(drawn.subarray(0, 2));
  whole.set(upright, 2);
  whole.set(drawn.subarray(2), 2 + upright.length);
  return whole;
}

/** The APP1 segment with EXIF, marker and length included; null when there is none. */
export function exifOf(jpeg: Uint8Array): Uint8Array | null {
  const view = new DataView(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength);
  if (jpeg.length < 4 || view.getUint16(0) !== 0xffd8) return null;
  let at = 2;
  while (at + 4 <= jpeg.length && jpeg[at] === 0xff) {
    const marker = jpeg[at + 1];
    if (marker === START_OF_SCAN) return null;
    const end = at + 2 + view.getUint16(at + 2);
    if (end > jpeg.length) return null;
    if (marker === APP1 && String.fromCharCode(...jpeg.subarray(at + 4, at + 8)) === 'Exif')
      return jpeg.subarray(at, end);
    at = end;
  }
  return null;
}

function setUpright(segment: Uint8Array): void {
  // Marker, length, "Exif\0\0": the TIFF block begins at byte 10.
  const tiff = 10;
  if (segment.length < tiff + 8) return;
  const view = new DataView(segment.buffer, segment.byteOffset, segment.byteLength);
  const little = segment[tiff] === 0x49;
  const first = tiff + view.getUint32(tiff + 4, little);
  if (first + 2 > segment.length) return;
  const entries = view.getUint16(first, little);
  for (let entry = first + 2; entry + 12 <= segment.length && entry < first + 2 + entries * 12; entry += 12)
    if (view.getUint16(entry, little) === ORIENTATION && view.getUint16(entry + 2, little) === SHORT)
      view.setUint16(entry + 8, 1, little);
}
