import { crc16 } from './checksums.ts';
import type { FrameDefinition } from './grammar.ts';
import { decodeText, isRefusal, type Refusal, refusal } from './json.ts';
import { compilePointer, pointerTokens } from './pointer.ts';

const HEX = /^(?:[0-9a-fA-F]{2})*$/;
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;
const MAX_FRAME = 65_536;

/** Where a frame comes from; the decoded frame is kept in `frames` because many fields share it. */
export interface FrameScope {
  readonly doc: unknown;
  readonly payload: Uint8Array;
  frames: Map<string, DataView | Refusal | undefined> | undefined;
}

/** The one of `hex`, `base64`, `bytes` that says where a frame is. */
export interface FrameSource {
  readonly hex?: string;
  readonly base64?: string;
  readonly bytes?: 'payload';
}

export type ReadFrame = (scope: FrameScope) => DataView | Refusal | undefined;

/** What a frame must fulfil, by where it is; see {@link frameKey}. */
export type FrameChecks = ReadonlyMap<string, FrameDefinition>;

export function frameChecks(frame: FrameDefinition | readonly FrameDefinition[] | undefined): FrameChecks {
  const list = frame === undefined ? [] : 'type' in frame || !Array.isArray(frame) ? [frame] : frame;
  return new Map((list as readonly FrameDefinition[]).map((it) => [frameKey(it), it]));
}

export function frameKey(source: FrameSource): string {
  const encoding = encodingOf(source);
  return `${encoding} ${source[encoding] ?? 'payload'}`;
}

function encodingOf(source: FrameSource): 'hex' | 'base64' | 'bytes' {
  return source.hex !== undefined ? 'hex' : source.base64 !== undefined ? 'base64' : 'bytes';
}

/** Finds, decodes and checks a frame, once a message; undefined when the message carries none. */
export function compileFrame(source: FrameSource, checks: FrameChecks): ReadFrame {
  const encoding = encodingOf(source);
  const where = source[encoding] ?? 'payload';
  const locate = where === 'payload' ? null : compilePointer(pointerTokens(where));
  const key = frameKey(source);
  const check = checks.get(key);

  const load = (scope: FrameScope): DataView | Refusal | undefined => {
    if (encoding === 'bytes') return viewOf(scope.payload);
    const raw = locate ? locate(scope.doc) : decodeText(scope.payload);
    if (raw === undefined || raw === null || isRefusal(raw)) return raw ?? undefined;
    return decodeFrame(raw, encoding);
  };
  return (scope) => {
    scope.frames ??= new Map();
    if (!scope.frames.has(key)) {
      const view = load(scope);
      const fault = check && view && !isRefusal(view) ? frameFault(check, view) : undefined;
      scope.frames.set(key, fault ?? view);
    }
    return scope.frames.get(key);
  };
}

function decodeFrame(raw: unknown, encoding: 'hex' | 'base64'): DataView | Refusal {
  if (typeof raw !== 'string') return refusal('BAD_BYTES', `${encoding} text expected`);
  if (raw.length > MAX_FRAME * 3) return refusal('BAD_BYTES', `longer than ${MAX_FRAME} bytes`);
  // People and serial servers write `AA 55 01`, `AA:55:01` and `0xAA5501`.
  const text = encoding === 'hex' ? raw.replace(/[\s:-]/g, '').replace(/^0[xX]/, '') : raw.trim();
  if (text.length > MAX_FRAME * 2) return refusal('BAD_BYTES', `longer than ${MAX_FRAME} bytes`);
  if (!(encoding === 'hex' ? HEX : BASE64).test(text)) return refusal('BAD_BYTES', `not ${encoding}`);
  return viewOf(Buffer.from(text, encoding));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function frameFault(check: FrameDefinition, view: DataView): Refusal | undefined {
  const bytes = Buffer.from(view.buffer, view.byteOffset, view.byteLength);
  const { starts, minLength = 0, checksum } = check;
  if (bytes.length < minLength) {
    return refusal('BAD_BYTES', `the frame has ${bytes.length} bytes, at least ${minLength} expected`);
  }
  if (starts !== undefined && !bytes.subarray(0, starts.length / 2).equals(Buffer.from(starts, 'hex'))) {
    const found = bytes.subarray(0, starts.length / 2).toString('hex');
    return refusal('BAD_BYTES', `the frame begins with '${found}', '${starts.toLowerCase()}' expected`);
  }
  if (!checksum) return undefined;
  const place = (offset: number) => (offset < 0 ? bytes.length + offset : offset);
  const [from, to, at] = [place(checksum.from ?? 0), place(checksum.to), place(checksum.at ?? checksum.to)];
  const wide = checksum.type.startsWith('crc16');
  if (from < 0 || to <= from || to > bytes.length || at < 0 || at + (wide ? 2 : 1) > bytes.length) {
    return refusal('BAD_CHECKSUM', `a frame of ${bytes.length} bytes is too short for its checksum`);
  }
  const wanted = sumOf(checksum.type, bytes.subarray(from, to));
  const found = wide ? view.getUint16(at, (checksum.endian ?? 'little') === 'little') : view.getUint8(at);
  if (wanted === found) return undefined;
  const hex = (value: number) => value.toString(16).padStart(wide ? 4 : 2, '0');
  return refusal('BAD_CHECKSUM', `${checksum.type} is ${hex(wanted)}, the frame says ${hex(found)}`);
}

function sumOf(type: NonNullable<FrameDefinition['checksum']>['type'], bytes: Uint8Array): number {
  if (type === 'sum8') return bytes.reduce((sum, byte) => (sum + byte) & 0xff, 0);
  if (type === 'xor8') return bytes.reduce((sum, byte) => sum ^ byte, 0);
  return crc16(type, bytes);
}
