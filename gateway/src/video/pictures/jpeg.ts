/** What a JPEG says of itself, read from its markers; nothing is decoded. */
export interface JpegFacts {
  readonly width: number;
  readonly height: number;
  /** Length of the picture; what stands behind its end marker is not part of it. */
  readonly length: number;
}

export type JpegFault = 'notJpeg' | 'tooLarge' | 'truncated' | 'broken' | 'dimensions';

/** Bytes that are no picture we would keep or show. */
export class JpegError extends Error {
  readonly fault: JpegFault;
  constructor(fault: JpegFault, message: string) {
    super(message);
    this.name = 'JpegError';
    this.fault = fault;
  }
}

export const MAX_JPEG_BYTES = 16 * 1024 * 1024;
/** 8192 × 4320, the most that any ffmpeg here is let decode: what is larger is an attack on it. */
const MAX_PIXELS = 35_389_440;
const MAX_SIDE = 16_384;
/** A progressive picture has about ten scans; thousands cost the decoder a minute. */
const MAX_SCANS = 64;

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const DNL = 0xdc;

const isFrame = (marker: number) =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
/** TEM and RSTn stand alone. */
const isBare = (marker: number) => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7);

/**
 * Walks the markers from SOI to EOI: a picture that was cut off, has no size or hides another file behind a false
 * length throws {@link JpegError}. Bytes behind EOI are left out by {@link JpegFacts.length}.
 */
export function readJpeg(bytes: Uint8Array): JpegFacts {
  requireStart(bytes);
  let size: Size | undefined;
  let scans = 0;
  for (let position = 2; ; ) {
    const marker = markerAt(bytes, position);
    // Fill bytes may stand in front of a marker [T.81 B.1.1.2].
    if (marker === 0xff) {
      position += 1;
      continue;
    }
    position += 2;
    if (marker === EOI) {
      if (!size || scans === 0) throw new JpegError('broken', 'Ends without a picture');
      return { ...size, length: position };
    }
    if (isBare(marker)) continue;
    const length = segmentLength(bytes, marker, position);
    if (isFrame(marker)) {
      size = frameSize(bytes, position, length, size);
    }
    position += length;
    if (marker === SOS) {
      scans += 1;
      if (!size || scans > MAX_SCANS) throw new JpegError('broken', size ? 'Too many scans' : 'Scan before its frame');
      position = endOfScan(bytes, position);
    }
  }
}

/** Whether {@link readJpeg} takes it; a transfer that broke off is not whole. */
export function isWholeJpeg(bytes: Uint8Array): boolean {
  try {
    readJpeg(bytes);
    return true;
  } catch (error) {
    if (error instanceof JpegError) return false;
    throw error;
  }
}

function requireStart(bytes: Uint8Array): void {
  if (bytes.length > MAX_JPEG_BYTES) throw new JpegError('tooLarge', `More than ${MAX_JPEG_BYTES} bytes`);
  if (bytes[0] !== 0xff || bytes[1] !== SOI || bytes[2] !== 0xff) throw new JpegError('notJpeg', 'No JPEG marker');
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function byteAt(bytes: Uint8Array, index: number): number {
  const byte = bytes[index];
  if (byte === undefined) throw new JpegError('truncated', `Ends at byte ${bytes.length}`);
  return byte;
}

const wordAt = (bytes: Uint8Array, index: number) => byteAt(bytes, index) * 256 + byteAt(bytes, index + 1);

function markerAt(bytes: Uint8Array, position: number): number {
  if (byteAt(bytes, position) !== 0xff) throw new JpegError('broken', `No marker at byte ${position}`);
  return byteAt(bytes, position + 1);
}

/** Bytes of the segment behind its marker. */
function segmentLength(bytes: Uint8Array, marker: number, position: number): number {
  if (marker === SOI || marker < 0xc0) throw new JpegError('broken', `Marker ${marker} does not belong here`);
  // A height that comes only after the scan is used by no camera, and by decoders in different ways.
  if (marker === DNL) throw new JpegError('dimensions', 'Height after the scan');
  const length = wordAt(bytes, position);
  if (length < 2) throw new JpegError('broken', `Segment of ${length} bytes`);
  return length;
}

function frameSize(bytes: Uint8Array, position: number, length: number, before: Size | undefined): Size {
  if (before) throw new JpegError('broken', 'Two frames in one picture');
  if (length < 8) throw new JpegError('broken', `Frame header of ${length} bytes`);
  const height = wordAt(bytes, position + 3);
  const width = wordAt(bytes, position + 5);
  if (width < 1 || height < 1) throw new JpegError('dimensions', `${width}×${height} pixels`);
  if (width > MAX_SIDE || height > MAX_SIDE || width * height > MAX_PIXELS) {
    throw new JpegError('dimensions', `${width}×${height} pixels are more than we show`);
  }
  return { width, height };
}

/** Where the next marker stands: in a scan FF is followed by 00 (data) or by a restart marker. */
function endOfScan(bytes: Uint8Array, from: number): number {
  for (let index = from; index + 1 < bytes.length; index++) {
    if (bytes[index] !== 0xff) continue;
    const next = bytes[index + 1] ?? 0;
    if (next !== 0x00 && next !== 0xff && !isBare(next)) return index;
  }
  throw new JpegError('truncated', `The scan does not end before byte ${bytes.length}`);
}

const APP0 = 0xe0;
/** Adobe's segment says how colours are coded; without it a picture changes its colours. */
const APP14 = 0xee;
const COM = 0xfe;

/** The same picture without EXIF, thumbnails and comments; for bytes that {@link readJpeg} has taken. */
export function withoutMetadata(bytes: Uint8Array): Uint8Array {
  const kept: Uint8Array[] = [bytes.subarray(0, 2)];
  for (let position = 2; ; ) {
    const marker = markerAt(bytes, position);
    if (marker === 0xff) {
      position += 1;
      continue;
    }
    // From the first scan on there is picture only.
    if (marker === SOS || marker === EOI) return Buffer.concat([...kept, bytes.subarray(position)]);
    const end = isBare(marker) ? position + 2 : position + 2 + wordAt(bytes, position + 2);
    const isMetadata = marker === COM || (marker > APP0 && marker <= 0xef && marker !== APP14);
    if (!isMetadata) kept.push(bytes.subarray(position, end));
    position = end;
  }
}
