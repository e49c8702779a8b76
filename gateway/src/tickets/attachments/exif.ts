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
  const read = block && tiff(block);
  if (!read) return NO_FACTS;
  const image = read.folder(read.first, [DATE_TIME, EXIF, GPS]);
  const photo = read.folder(Number(image.get(EXIF) ?? 0), [DATE_TIME_ORIGINAL, OFFSET, OFFSET_ORIGINAL]);
  const gps = read.folder(Number(image.get(GPS) ?? 0), [1, 2, 3, 4]);
  return {
    takenAt: instant(
      photo.get(DATE_TIME_ORIGINAL) ?? image.get(DATE_TIME),
      photo.get(OFFSET_ORIGINAL) ?? photo.get(OFFSET),
      zone,
    ),
    place: place(gps),
  };
}

// Tags of EXIF 2.32; of the GPS folder 1 to 4 are latitude and longitude with their sides.
const DATE_TIME = 0x0132;
const EXIF = 0x8769;
const GPS = 0x8825;
const DATE_TIME_ORIGINAL = 0x9003;
const OFFSET = 0x9010;
const OFFSET_ORIGINAL = 0x9011;

type Value = string | number | readonly number[];

/** Entries of one folder; a picture has about fifty. Values are read for the tags asked for only. */
const MOST_ENTRIES = 512;
const MOST_TEXT = 64;

/** The folders of a TIFF block. Whatever lies outside of it reads as absent. */
function tiff(block: Buffer) {
  const order = block.toString('latin1', 0, 2);
  if ((order !== 'II' && order !== 'MM') || block.length < 8) return undefined;
  const little = order === 'II';
  const within = (at: number, length: number) => at >= 0 && at + length <= block.length;
  const short = (at: number) => (within(at, 2) ? (little ? block.readUInt16LE(at) : block.readUInt16BE(at)) : 0);
  const long = (at: number) => (within(at, 4) ? (little ? block.readUInt32LE(at) : block.readUInt32BE(at)) : 0);
  if (short(2) !== 42) return undefined;

  const value = (entry: number): Value | undefined => {
    const type = short(entry + 2);
    const count = long(entry + 4);
    if (type === 2 && count <= MOST_TEXT) {
      const at = count <= 4 ? entry + 8 : long(entry + 8);
      return within(at, count) ? (block.toString('latin1', at, at + count).split('\0')[0] ?? '') : undefined;
    }
    if (type === 4 && count === 1) return long(entry + 8);
    const at = long(entry + 8);
    if (type === 5 && count === 3 && within(at, 24))
      return [0, 8, 16].map((step) => long(at + step) / long(at + step + 4));
    return undefined;
  };

  return {
    first: long(4),
    folder(at: number, wanted: readonly number[]): ReadonlyMap<number, Value> {
      const found = new Map<number, Value>();
      const entries = at > 0 ? Math.min(short(at), MOST_ENTRIES) : 0;
      for (let entry = at + 2; entry < at + 2 + entries * 12 && within(entry, 12); entry += 12) {
        const tag = short(entry);
        const read = wanted.includes(tag) ? value(entry) : undefined;
        if (read !== undefined) found.set(tag, read);
      }
      return found;
    },
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
      return bytes.subarray(at + 10, at + 2 + length);
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
      return block.toString('latin1', 0, 6) === 'Exif\0\0' ? block.subarray(6) : block;
    }
    // A PNG chunk ends with a checksum, a WebP chunk is padded to an even length.
    at += 8 + length + (nameOffset === 4 ? 4 : length % 2);
  }
  return undefined;
}

function instant(written: unknown, offset: unknown, zone: Zone): number | null {
  const digits = /^(\d{4}):(\d{2}):(\d{2}) (\d{2}):(\d{2}):(\d{2})$/
    .exec(String(written ?? ''))
    ?.slice(1)
    .map(Number);
  if (!digits) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = digits;
  const local = Date.UTC(year, month - 1, day, hour, minute, second);
  const match = /^([+-])(\d{2}):(\d{2})/.exec(String(offset ?? ''));
  if (match) return local - (Number(match[2]) * 60 + Number(match[3])) * 60_000 * (match[1] === '-' ? -1 : 1);
  const date = Math.floor(local / 86_400_000);
  const minutes = Math.floor((local - date * 86_400_000) / 60_000);
  return zone.instant(date, minutes) + second * 1_000;
}

function place(gps: ReadonlyMap<number, Value>): Point | null {
  const lat = degrees(gps.get(2), gps.get(1) === 'S');
  const lon = degrees(gps.get(4), gps.get(3) === 'W');
  if (lat === null || lon === null || Math.abs(lat) > 90 || Math.abs(lon) > 180) return null;
  // Phones without a fix write zeros.
  return lat === 0 && lon === 0 ? null : { lat, lon };
}

function degrees(parts: Value | undefined, negative: boolean): number | null {
  if (!Array.isArray(parts)) return null;
  const [degree = Number.NaN, minute = Number.NaN, second = Number.NaN] = parts;
  const value = degree + minute / 60 + second / 3_600;
  return Number.isFinite(value) ? (negative ? -value : value) : null;
}
