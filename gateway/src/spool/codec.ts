import { crc32 } from 'node:zlib';
import { GatewayError } from '../errors.ts';
import type { SpoolEntry, SpoolRecord } from './records.ts';

/**
 * One group of the spool on disk, all numbers little-endian:
 *
 *   u8 format, u32 CRC-32 of key and body, then the body: u32 count and `count` messages
 *   message: u8 flags, f64 receivedAt, [string via] [string principal] [string topic] [string refused], u32 length, payload
 *   string:  u16 length in bytes, UTF-8
 *
 * A string equal to the previous message's is left out and flagged: a burst of one device repeats all three.
 */
const FORMAT = 1;
const HEADER = 9;
const DUP = 1;
const RETAINED = 2;
const REFUSED = 4;
const SAME_VIA = 8;
const SAME_PRINCIPAL = 16;
const SAME_TOPIC = 32;
const MAX_STRING = 0xffff;
/** flags, receivedAt, four string lengths and the payload length. */
const FIXED = 1 + 8 + 4 * 2 + 4;

/** Upper bound of the bytes an entry takes in a group. */
export function sizeBound(entry: SpoolEntry): number {
  const chars = entry.via.length + entry.principal.length + entry.topic.length + (entry.refused?.length ?? 0);
  return FIXED + 3 * chars + entry.payload.length;
}

/** Gathers messages into the bytes of one group; reused after {@link GroupWriter.take}. */
export class GroupWriter {
  count = 0;
  #buffer = Buffer.allocUnsafeSlow(64 * 1024);
  #end = HEADER;
  #via = '';
  #principal = '';
  #topic = '';

  /** Bytes so far, header included. */
  get bytes(): number {
    return this.#end;
  }

  /** @throws GatewayError INVALID_INPUT for a string longer than 65,535 bytes; the group is unchanged then. */
  add(entry: SpoolEntry): void {
    this.#reserve(sizeBound(entry));
    const first = this.count === 0;
    const buffer = this.#buffer;
    const start = this.#end;
    let flags = (entry.dup ? DUP : 0) | (entry.retained ? RETAINED : 0) | (entry.refused === undefined ? 0 : REFUSED);
    let at = buffer.writeDoubleLE(entry.receivedAt, start + 1);
    if (!first && entry.via === this.#via) flags |= SAME_VIA;
    else at = writeString(buffer, at, entry.via);
    if (!first && entry.principal === this.#principal) flags |= SAME_PRINCIPAL;
    else at = writeString(buffer, at, entry.principal);
    if (!first && entry.topic === this.#topic) flags |= SAME_TOPIC;
    else at = writeString(buffer, at, entry.topic);
    if (entry.refused !== undefined) at = writeString(buffer, at, entry.refused);
    at = buffer.writeUInt32LE(entry.payload.length, at);
    buffer.set(entry.payload, at);
    buffer[start] = flags;
    this.#end = at + entry.payload.length;
    this.#via = entry.via;
    this.#principal = entry.principal;
    this.#topic = entry.topic;
    this.count += 1;
  }

  /** The finished group; the writer is empty afterwards. `key` goes into the checksum, so a value never fits another key. */
  take(key: (count: number, bytes: number) => Buffer): { key: Buffer; value: Buffer; count: number } {
    const value = Buffer.from(this.#buffer.subarray(0, this.#end));
    const count = this.count;
    value[0] = FORMAT;
    value.writeUInt32LE(count, 5);
    const keyBytes = key(count, value.length);
    value.writeUInt32LE(checksum(keyBytes, value), 1);
    this.count = 0;
    this.#end = HEADER;
    if (this.#buffer.length > 4 * 1024 * 1024) this.#buffer = Buffer.allocUnsafeSlow(64 * 1024);
    return { key: keyBytes, value, count };
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.#end + bytes));
    this.#buffer.copy(larger, 0, 0, this.#end);
    this.#buffer = larger;
  }
}

/** The messages of one group, or null when the bytes are not what was written. Payloads share the value's memory. */
export function decodeGroup(first: number, key: Buffer, value: Buffer): SpoolRecord[] | null {
  if (value.length < HEADER || value[0] !== FORMAT || value.readUInt32LE(1) !== checksum(key, value)) return null;
  const count = value.readUInt32LE(5);
  const records: SpoolRecord[] = new Array(count);
  let at = HEADER;
  let via = '';
  let principal = '';
  let topic = '';
  const text = () => {
    const start = at + 2;
    at = start + value.readUInt16LE(at);
    return value.toString('utf8', start, at);
  };
  for (let i = 0; i < count; i++) {
    const flags = value.readUInt8(at);
    const receivedAt = value.readDoubleLE(at + 1);
    at += 9;
    if ((flags & SAME_VIA) === 0) via = text();
    if ((flags & SAME_PRINCIPAL) === 0) principal = text();
    if ((flags & SAME_TOPIC) === 0) topic = text();
    const refused = (flags & REFUSED) === 0 ? undefined : text();
    const start = at + 4;
    at = start + value.readUInt32LE(at);
    const record: SpoolRecord = {
      seq: first + i,
      via,
      principal,
      topic,
      payload: value.subarray(start, at),
      receivedAt,
      dup: (flags & DUP) !== 0,
      retained: (flags & RETAINED) !== 0,
    };
    if (refused !== undefined) record.refused = refused;
    records[i] = record;
  }
  return records;
}

function checksum(key: Buffer, value: Buffer): number {
  return crc32(value.subarray(5), crc32(key));
}

/** Nearly every string is short ASCII, where a loop beats the call into the UTF-8 encoder. */
function writeString(buffer: Buffer, at: number, text: string): number {
  const length = text.length;
  const start = at + 2;
  if (length <= 128) {
    let i = 0;
    for (; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) break;
      buffer[start + i] = code;
    }
    if (i === length) {
      buffer.writeUInt16LE(length, at);
      return start + length;
    }
  }
  const bytes = buffer.write(text, start, 'utf8');
  if (bytes > MAX_STRING) {
    throw new GatewayError('INVALID_INPUT', `A spool string has ${bytes} bytes; at most ${MAX_STRING} fit.`);
  }
  buffer.writeUInt16LE(bytes, at);
  return start + bytes;
}
