import type { ByteFieldDefinition } from './grammar.ts';
import { decodeText, isRefusal, type Refusal, refusal } from './json.ts';
import { compilePointer, pointerTokens } from './pointer.ts';

const HEX = /^(?:[0-9a-fA-F]{2})*$/;
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;
const MAX_FRAME = 65_536;

const SIZES = {
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint24: 3,
  int24: 3,
  uint32: 4,
  int32: 4,
  float32: 4,
  float64: 8,
} as const;

/** Where a frame comes from; the decoded frame is kept in `frames` because many fields share it. */
export interface FrameScope {
  readonly doc: unknown;
  readonly payload: Uint8Array;
  frames: Map<string, DataView | Refusal | undefined> | undefined;
}

/** Reads one field of a binary frame; undefined when the message carries no frame. */
export function compileBytes(definition: ByteFieldDefinition): (scope: FrameScope) => unknown {
  const { type, offset, bit } = definition;
  const encoding = definition.hex !== undefined ? 'hex' : definition.base64 !== undefined ? 'base64' : 'bytes';
  const where = definition[encoding] ?? 'payload';
  const locate = where === 'payload' ? null : compilePointer(pointerTokens(where));
  const cacheKey = `${encoding} ${where}`;
  const little = definition.endian === 'little';
  const size = SIZES[type];

  const load = (scope: FrameScope): DataView | Refusal | undefined => {
    if (encoding === 'bytes') return viewOf(scope.payload);
    const raw = locate ? locate(scope.doc) : decodeText(scope.payload);
    if (raw === undefined || raw === null || isRefusal(raw)) return raw ?? undefined;
    return decodeFrame(raw, encoding);
  };
  return (scope) => {
    scope.frames ??= new Map();
    if (!scope.frames.has(cacheKey)) scope.frames.set(cacheKey, load(scope));
    const view = scope.frames.get(cacheKey);
    if (view === undefined || isRefusal(view)) return view;
    const start = offset < 0 ? view.byteLength + offset : offset;
    if (start < 0 || start + size > view.byteLength) {
      return refusal('BAD_BYTES', `the frame has ${view.byteLength} bytes, ${type} at ${offset} needs more`);
    }
    const value = readAt(view, start, type, little);
    return bit === undefined ? value : ((value >>> bit) & 1) === 1;
  };
}

function decodeFrame(raw: unknown, encoding: 'hex' | 'base64'): DataView | Refusal {
  if (typeof raw !== 'string') return refusal('BAD_BYTES', `${encoding} text expected`);
  const text = raw.trim();
  if (text.length > MAX_FRAME * 2) return refusal('BAD_BYTES', `longer than ${MAX_FRAME} bytes`);
  if (!(encoding === 'hex' ? HEX : BASE64).test(text)) return refusal('BAD_BYTES', `not ${encoding}`);
  return viewOf(Buffer.from(text, encoding));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function readAt(view: DataView, at: number, type: ByteFieldDefinition['type'], little: boolean): number {
  switch (type) {
    case 'uint8':
      return view.getUint8(at);
    case 'int8':
      return view.getInt8(at);
    case 'uint16':
      return view.getUint16(at, little);
    case 'int16':
      return view.getInt16(at, little);
    case 'uint24':
      return uint24(view, at, little);
    case 'int24':
      return (uint24(view, at, little) << 8) >> 8;
    case 'uint32':
      return view.getUint32(at, little);
    case 'int32':
      return view.getInt32(at, little);
    case 'float32':
      // Seven digits are all a float32 has; 23.4 must not become 23.399999618530273.
      return Number(view.getFloat32(at, little).toPrecision(7));
    default:
      return view.getFloat64(at, little);
  }
}

function uint24(view: DataView, at: number, little: boolean): number {
  const [high, low] = little ? [at + 2, at] : [at, at + 2];
  return (view.getUint8(high) << 16) | (view.getUint8(at + 1) << 8) | view.getUint8(low);
}
