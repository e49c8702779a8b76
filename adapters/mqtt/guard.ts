import { randomBytes } from 'node:crypto';

/**
 * Stands before the MQTT parser, which buffers whatever a packet's header announces. Counts raw bytes and
 * – stops at a header that announces more than the hard limits,
 * – lets the body of an oversized PUBLISH go by unseen and gives the parser a short stand-in for it.
 * Bytes of well-sized packets pass through as they are, without a copy.
 */
export interface PacketGuard {
  /** What the parser may see of this chunk; null = nothing. After {@link PacketGuard.fault} the connection must go. */
  take(chunk: Buffer): Buffer | null;
  /** Why the connection must be closed. */
  readonly fault: 'PACKET_TOO_LARGE' | 'MALFORMED' | undefined;
  /** A packet was begun and is not complete. */
  readonly partial: boolean;
  /** Packets begun so far; with `partial` it tells a stuck packet from a busy connection. */
  readonly packets: number;
  /** DISCONNECT went by: whatever comes now, the client said goodbye. */
  readonly goodbye: boolean;
}

export interface GuardLimits {
  readonly maxMessageBytes: number;
  readonly maxPacketBytes: number;
  readonly maxControlBytes: number;
}

const PUBLISH = 3;
const DISCONNECT = 14;
/** No client can guess it, so no client can send a stand-in of its own. */
const STAND_IN = randomBytes(32);

/** Whether this payload stands for one that was too large to keep. */
export function isStandIn(payload: Uint8Array): boolean {
  return payload.length === STAND_IN.length && STAND_IN.equals(payload);
}

/** An oversized packet while its variable header is gathered and its body is dropped. */
interface Oversized {
  readonly head: number;
  readonly remaining: number;
  readonly variable: number[];
  /** Bytes of the variable header; known once the topic's length was read. */
  wanted: number;
  drop: number;
}

/** One pass over one chunk: `from` is where the part begins that goes to the parser as it is. */
interface Scan {
  readonly chunk: Buffer;
  at: number;
  from: number;
  readonly out: Buffer[];
}

export function createPacketGuard(limits: GuardLimits): PacketGuard {
  return new Guard(limits);
}

/** Where a header is put together; between two chunks the connection keeps what it has of one. */
const scratch = Buffer.alloc(5);

/** A class, because there is one for every connection: closures over its state would cost each a kilobyte. */
class Guard implements PacketGuard {
  fault: PacketGuard['fault'];
  packets = 0;
  goodbye = false;
  readonly #limits: GuardLimits;
  /** What came of a header that is not complete. */
  #begun: Buffer | undefined;
  #pass = 0;
  #big: Oversized | undefined;

  constructor(limits: GuardLimits) {
    this.#limits = limits;
  }

  get partial(): boolean {
    return this.#pass > 0 || this.#begun !== undefined || this.#big !== undefined;
  }

  take(chunk: Buffer): Buffer | null {
    const scan: Scan = { chunk, at: 0, from: 0, out: [] };
    while (scan.at < chunk.length && !this.fault) {
      if (this.#pass > 0) this.#passBody(scan);
      else if (this.#big?.drop) this.#dropBody(scan, this.#big);
      else if (this.#big) this.#gatherVariable(scan, this.#big);
      else this.#readHeader(scan);
    }
    if (this.fault) return null;
    if (scan.from === 0) return chunk.length > 0 && scan.out.length === 0 ? chunk : Buffer.concat([...scan.out, chunk]);
    if (scan.from < chunk.length) scan.out.push(chunk.subarray(scan.from));
    return scan.out.length > 0 ? Buffer.concat(scan.out) : null;
  }

  /** The packet's remaining length, undefined while the header is incomplete. */
  #remainingLength(length: number): number | undefined {
    if (length < 2) return undefined;
    if ((scratch.readUInt8(length - 1) & 0x80) !== 0) {
      if (length === 5) this.fault = 'MALFORMED';
      return undefined;
    }
    let value = 0;
    for (let i = length - 1; i >= 1; i--) value = value * 128 + (scratch.readUInt8(i) & 0x7f);
    return value;
  }

  #readHeader(scan: Scan): void {
    const held = this.#begun?.copy(scratch) ?? 0;
    const start = scan.at;
    let length = held;
    let remaining: number | undefined;
    while (scan.at < scan.chunk.length && remaining === undefined && !this.fault) {
      scratch[length] = scan.chunk.readUInt8(scan.at);
      length += 1;
      scan.at += 1;
      remaining = this.#remainingLength(length);
    }
    this.#begun = remaining === undefined ? Buffer.from(scratch.subarray(0, length)) : undefined;
    if (remaining !== undefined && this.#begin(scratch.readUInt8(0), remaining) === 'pass') {
      if (held > 0) scan.out.push(Buffer.from(scratch.subarray(0, held)));
      return;
    }
    // An unfinished header waits for the next chunk; an oversized packet's is written anew.
    if (start > scan.from) scan.out.push(scan.chunk.subarray(scan.from, start));
    scan.from = scan.at;
  }

  #begin(head: number, remaining: number): 'pass' | 'gather' | 'stop' {
    const type = head >> 4;
    this.packets += 1;
    if (type === DISCONNECT) this.goodbye = true;
    if (remaining > (type === PUBLISH ? this.#limits.maxPacketBytes : this.#limits.maxControlBytes)) {
      this.fault = 'PACKET_TOO_LARGE';
      return 'stop';
    }
    if (type === PUBLISH && remaining > this.#limits.maxMessageBytes) {
      this.#big = { head, remaining, variable: [], wanted: 2, drop: 0 };
      return 'gather';
    }
    this.#pass = remaining;
    return 'pass';
  }

  #passBody(scan: Scan): void {
    const step = Math.min(this.#pass, scan.chunk.length - scan.at);
    this.#pass -= step;
    scan.at += step;
  }

  #dropBody(scan: Scan, packet: Oversized): void {
    const step = Math.min(packet.drop, scan.chunk.length - scan.at);
    packet.drop -= step;
    scan.at += step;
    scan.from = scan.at;
    if (packet.drop > 0) return;
    const length = packet.wanted + STAND_IN.length;
    scan.out.push(fixedHeader(packet.head, length), Buffer.from(packet.variable), STAND_IN);
    this.#big = undefined;
  }

  #gatherVariable(scan: Scan, packet: Oversized): void {
    const ready = this.#gather(packet, scan.chunk.readUInt8(scan.at));
    scan.at += 1;
    scan.from = scan.at;
    if (ready) scan.out.push(ready);
  }

  /** Takes one byte of an oversized packet; answers bytes for the parser when it has some. */
  #gather(packet: Oversized, byte: number): Buffer | null {
    packet.variable.push(byte);
    if (packet.variable.length === 2) {
      const [high = 0, low = 0] = packet.variable;
      packet.wanted = 2 + high * 256 + low + ((packet.head & 0b110) === 0 ? 0 : 2);
      if (packet.wanted > packet.remaining) this.fault = 'MALFORMED';
    }
    if (packet.variable.length < 2 || packet.variable.length < packet.wanted) return null;
    const payload = packet.remaining - packet.wanted;
    if (payload > this.#limits.maxMessageBytes) {
      packet.drop = payload;
      return null;
    }
    this.#big = undefined;
    this.#pass = payload;
    return Buffer.concat([fixedHeader(packet.head, packet.remaining), Buffer.from(packet.variable)]);
  }
}

function fixedHeader(head: number, remaining: number): Buffer {
  const bytes = [head];
  let rest = remaining;
  do {
    const digit = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? digit | 0x80 : digit);
  } while (rest > 0);
  return Buffer.from(bytes);
}
