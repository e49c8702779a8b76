import type { Reading } from '../domain/reading.ts';

/** Columns in the order {@link encodeRows} writes them. */
export const COPY_COLUMNS = 'time, received_at, device, metric, num, bool, flags, txt';

const HEADER = [0x50, 0x47, 0x43, 0x4f, 0x50, 0x59, 0x0a, 0xff, 0x0d, 0x0a, 0x00, 0, 0, 0, 0, 0, 0, 0, 0];
/** Field count, then length and value of each column; the text comes on top. */
const ROW_BYTES = 2 + 12 + 12 + 8 + 8 + 12 + 5 + 6 + 4;
const TRAILER_BYTES = 2;
/** Microseconds from 1970 to 2000, where PostgreSQL's timestamps start. */
const EPOCH_2000_US = 946_684_800_000_000;
const TWO_32 = 2 ** 32;

/**
 * PostgreSQL's binary COPY format, written straight into one buffer: no string and no object per row, and the server
 * parses neither dates nor numbers. `spare` is reused when it is large enough.
 */
export function encodeRows(
  readings: readonly Reading[],
  keyOf: (metric: string) => number,
  spare: Buffer | undefined,
  skip: ReadonlySet<number>,
): { data: Buffer; buffer: Buffer } {
  let textBytes = 0;
  for (const { value } of readings) if (typeof value === 'string') textBytes += value.length * 3;
  const size = HEADER.length + readings.length * ROW_BYTES + textBytes + TRAILER_BYTES;
  const buffer = spare && spare.length >= size ? spare : Buffer.allocUnsafeSlow(Math.ceil(size * 1.25));
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
  buffer.set(HEADER);
  let at = HEADER.length;

  for (let index = 0; index < readings.length; index++) {
    const reading = readings[index];
    if (!reading || skip.has(index)) continue;
    const { value } = reading;
    view.setInt16(at, 8);
    at = putTime(view, at + 2, reading.time);
    at = putTime(view, at, reading.receivedAt);
    at = putInt(view, at, reading.device);
    at = putInt(view, at, keyOf(reading.metric));
    if (typeof value === 'number') {
      view.setInt32(at, 8);
      view.setFloat64(at + 4, value);
      at += 12;
    } else at = putNull(view, at);
    if (typeof value === 'boolean') {
      view.setInt32(at, 1);
      view.setUint8(at + 4, value ? 1 : 0);
      at += 5;
    } else at = putNull(view, at);
    view.setInt32(at, 2);
    view.setInt16(at + 4, flagBits(reading));
    at += 6;
    if (typeof value === 'string') {
      const bytes = buffer.write(value, at + 4, 'utf8');
      view.setInt32(at, bytes);
      at += 4 + bytes;
    } else at = putNull(view, at);
  }
  view.setInt16(at, -1);
  return { data: buffer.subarray(0, at + TRAILER_BYTES), buffer };
}

/** `flags` column: 1 = skew. */
export function flagBits(reading: Reading): number {
  return reading.flags?.includes('skew') ? 1 : 0;
}

function putTime(view: DataView, at: number, epochMs: number): number {
  const us = Math.round(epochMs * 1000) - EPOCH_2000_US;
  const high = Math.floor(us / TWO_32);
  view.setInt32(at, 8);
  view.setInt32(at + 4, high);
  view.setUint32(at + 8, us - high * TWO_32);
  return at + 12;
}

function putInt(view: DataView, at: number, value: number): number {
  view.setInt32(at, 4);
  view.setInt32(at + 4, value);
  return at + 8;
}

function putNull(view: DataView, at: number): number {
  view.setInt32(at, -1);
  return at + 4;
}
