import readExif from 'exif-reader';
import type { Point } from '../../domain/geo.ts';
import type { Zone } from '../../domain/working-time.ts';

/** When and where a picture says it was taken; what it does not say is null. */
export interface PictureFacts {
  /** Epoch milliseconds. */
  readonly takenAt: number | null;
  readonly place: Point | null;
}

export const NO_FACTS: PictureFacts = { takenAt: null, place: null };

/** Bytes looked through for the block; it stands near the beginning. */
const HEAD = 1024 * 1024;

/**
 * Reads a picture's own EXIF block. Times without an offset are those of the gateway's zone. A block that is broken says
 * nothing: the picture is evidence all the same.
 */
export function pictureFacts(bytes: Uint8Array, mediaType: string, zone: Zone): PictureFacts {
  const block = locate(Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, HEAD)), mediaType);
  if (!block) return NO_FACTS;
  let found: ReturnType<typeof readExif>;
  try {
    found = readExif(block);
  } catch (error) {
    if (error instanceof Error) return NO_FACTS;
    throw error;
  }
  const { Photo, Image, GPSInfo } = found;
  const written = Photo?.DateTimeOriginal ?? Image?.DateTime;
  return {
    takenAt: instant(written, Photo?.OffsetTimeOriginal ?? Photo?.OffsetTime, zone),
    place: place(GPSInfo),
  };
}

function locate(bytes: Buffer, mediaType: string): Buffer | undefined {
  if (mediaType === 'image/jpeg') return inJpeg(bytes);
  if (mediaType === 'image/png') return inChunks(bytes, 8, 'eXIf', (at) => bytes.readUInt32BE(at), 4, 0);
  if (mediaType === 'image/webp') return inChunks(bytes, 12, 'EXIF', (at) => bytes.readUInt32LE(at), 0, 4);
  return undefined;
}

function inJpeg(bytes: Buffer): Buffer | undefined {
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1] ?? 0;
    const length = bytes.readUInt16BE(at + 2);
    // From the first scan on there is picture only.
    if (marker === 0xda || length < 2) return undefined;
    if (marker === 0xe1 && bytes.toString('latin1', at + 4, at + 10) === 'Exif\0\0')
      return bytes.subarray(at + 4, at + 2 + length);
    at += 2 + length;
  }
  return undefined;
}

/** PNG and WebP are rows of named chunks: where the length stands relative to the name differs. */
function inChunks(
  bytes: Buffer,
  start: number,
  wanted: string,
  lengthAt: (at: number) => number,
  nameOffset: number,
  lengthOffset: number,
): Buffer | undefined {
  for (let at = start; at + 8 <= bytes.length; ) {
    const length = lengthAt(at + lengthOffset);
    if (bytes.toString('latin1', at + nameOffset, at + nameOffset + 4) === wanted) {
      const block = bytes.subarray(at + 8, at + 8 + length);
      return block.toString('latin1', 0, 6) === 'Exif\0\0' ? block : Buffer.concat([Buffer.from('Exif\0\0'), block]);
    }
    // A PNG chunk ends with a checksum, a WebP chunk is padded to an even length.
    at += 8 + length + (nameOffset === 4 ? 4 : length % 2);
  }
  return undefined;
}

/** The reader gives local digits as if they were UTC. */
function instant(written: unknown, offset: unknown, zone: Zone): number | null {
  if (!(written instanceof Date) || !Number.isFinite(written.getTime())) return null;
  const digits = written.getTime();
  const match = typeof offset === 'string' ? /^([+-])(\d{2}):(\d{2})/.exec(offset) : null;
  if (match) return digits - (Number(match[2]) * 60 + Number(match[3])) * 60_000 * (match[1] === '-' ? -1 : 1);
  const day = Math.floor(digits / 86_400_000);
  const minutes = (digits - day * 86_400_000) / 60_000;
  return zone.instant(day, 0) + minutes * 60_000;
}

function place(gps: { [tag: string]: unknown } | undefined): Point | null {
  const lat = degrees(gps?.GPSLatitude, gps?.GPSLatitudeRef === 'S');
  const lon = degrees(gps?.GPSLongitude, gps?.GPSLongitudeRef === 'W');
  if (lat === null || lon === null || Math.abs(lat) > 90 || Math.abs(lon) > 180) return null;
  // Phones without a fix write zeros.
  return lat === 0 && lon === 0 ? null : { lat, lon };
}

function degrees(parts: unknown, negative: boolean): number | null {
  if (!Array.isArray(parts) || parts.length !== 3) return null;
  const [d, m, s] = parts.map(Number);
  const value = (d ?? Number.NaN) + (m ?? Number.NaN) / 60 + (s ?? Number.NaN) / 3_600;
  return Number.isFinite(value) ? (negative ? -value : value) : null;
}
